package main

import (
	"archive/tar"
	"bytes"
	"slices"
	"strings"
	"time"
)

// tarball returns files as a gzip'd tar below "./", with their folders:
// sorted, of root, all of one time. opkg knows GNU's format and no other.
func tarball(files []File, when time.Time) (packed []byte, err error) {
	headers := []*tar.Header{}
	data := map[string][]byte{}
	for _, dir := range folders(files) {
		name := "./" + dir + "/"
		if dir == "" {
			name = "./"
		}
		headers = append(headers, &tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755})
	}
	for _, f := range files {
		name := "./" + strings.TrimPrefix(f.Path, "/")
		headers = append(headers, &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(f.Mode.Perm()), Size: int64(len(f.Data))})
		data[name] = f.Data
	}
	slices.SortFunc(headers, func(a, b *tar.Header) int { return strings.Compare(a.Name, b.Name) })
	return pack(headers, data, when)
}

// pack writes a gzip'd tar of the entries as they stand.
func pack(headers []*tar.Header, data map[string][]byte, when time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		h.Format, h.ModTime = tar.FormatGNU, when
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(data[h.Name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return gzipped(out.Bytes())
}
