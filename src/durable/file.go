package durable

import (
	"os"
	"path/filepath"
	"syscall"
)

// SyncFile makes the bytes of a new file outlive a power cut. Linux' FAT and
// exFAT write a file's entry, which says where its bytes are, before the table
// of what is taken. If power fails in between, the bytes count as free although
// an entry leads to them: the next photo is put there, and lost when that entry
// is removed. So the table comes first there, as a part of a sync of the folder.
func SyncFile(f *os.File) error {
	if EntryFirst(f) {
		if err := SyncFolder(folderOf(f)); err != nil {
			return err
		}
	}
	return f.Sync()
}

// folderOf returns the folder that a file was opened in, also below a Root.
func folderOf(f *os.File) string { return filepath.Dir(f.Name()) }

// linux/magic.h
const (
	msdosMagic = 0x4d44
	exfatMagic = 0x2011bab0
)

// EntryFirst tells whether a file or folder is on FAT or exFAT.
func EntryFirst(f *os.File) bool {
	var st syscall.Statfs_t
	if err := syscall.Fstatfs(int(f.Fd()), &st); err != nil {
		return false
	}
	kind := uint32(st.Type)
	return kind == msdosMagic || kind == exfatMagic
}
