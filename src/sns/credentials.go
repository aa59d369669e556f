package sns

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
)

// userName returns the user name of a login. The password is never looked at:
// nothing here could check it, and what is not read cannot leak.
//
// With a CryptSessionKey the name is AES-128-CBC under a key and an IV that
// are sent beside it in clear (captures of an NX300). Without one it is
// percent-encoded text: the HMX-QF30 relies on TLS instead.
func userName(m markup) (string, error) {
	value, ok := m.attr("UserName", "Value")
	if !ok {
		return "", errNoUser
	}
	key, ok := m.attr("CryptSessionKey", "Value")
	if !ok || key == "" {
		return unquote(value), nil
	}
	name, err := decrypt(key, value)
	if err != nil {
		return "", err
	}
	return name, nil
}

var errNoUser = errors.New("the login has no user name")

// decrypt decodes one credential. Key is base64 of 16 bytes of key and 16 of
// IV; value is percent-encoded base64 of the text, padded with NUL bytes.
func decrypt(key, value string) (string, error) {
	k, err := unbase64(key)
	if err != nil || len(k) < 32 {
		return "", errors.New("the login's key is not 32 bytes in base64")
	}
	// A "+" is a plus here, not a blank.
	text, err := unbase64(unquote(value))
	if err != nil {
		return "", errors.New("the login's user name is not base64")
	}
	if len(text)%aes.BlockSize != 0 {
		return "", errors.New("the login's user name is not made of whole cipher blocks")
	}
	block, err := aes.NewCipher(k[:16])
	if err != nil {
		return "", err
	}
	cipher.NewCBCDecrypter(block, k[16:32]).CryptBlocks(text, text)
	return strings.ToValidUTF8(strings.TrimRight(string(text), "\x00"), "\uFFFD"), nil
}

// unquote decodes %XX, and returns what is not well-formed as it is.
func unquote(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// unbase64 takes base64 with or without its padding.
func unbase64(s string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(s), "="))
}
