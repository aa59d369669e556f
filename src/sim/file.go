package sim

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// File is something that a camera sends.
type File struct {
	Name string // as the camera tells it, such as SAM_4371.JPG; not checked, and in an e-mail not escaped: it may be hostile
	Type string // media type, such as image/jpeg
	Size int64  // bytes; exactly as many are sent, and fewer are an error
	Open func() (io.ReadCloser, error)
}

// FileFrom describes a file on disk. It is read while it is sent, never held in memory.
func FileFrom(path string) (File, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	if !stat.Mode().IsRegular() {
		return File{}, fmt.Errorf("%s: not a file", path)
	}
	return File{
		Name: filepath.Base(path),
		Type: typeOf(path),
		Size: stat.Size(),
		Open: func() (io.ReadCloser, error) { return os.Open(path) },
	}, nil
}

// typeOf knows what these cameras can record, instead of what the machine's tables say.
func typeOf(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".mp4":
		return "video/mp4"
	}
	return "application/octet-stream"
}

func (f File) isVideo() bool { return strings.HasPrefix(f.Type, "video/") }
