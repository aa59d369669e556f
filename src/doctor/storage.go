package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"snsbridge/src/spool"
)

// low is the room at which it is time to think of another memory stick: some
// thirty photos.
const low = 200e6

const replug = "Check that the memory stick is plugged in and not write-protected."

// folder checks a folder in which photos are kept. reserve are the bytes of its
// file system that stay free.
func (d *Doctor) folder(id, title, path string, reserve int64) Check {
	return Check{
		ID: id, Title: title,
		Run: func(context.Context) Finding { return writable(path) },
		Then: []Check{
			{ID: id + "-mount", Title: "Kept on", Run: func(context.Context) Finding { return d.mounted(path, id == "spool") }},
			{ID: id + "-space", Title: "Room", Run: func(context.Context) Finding { return space(path, reserve) }},
		},
	}
}

// there returns the folder, or the one in which it will be made.
func there(path string) string {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return filepath.Dir(path)
	}
	return path
}

// writable writes a file through to the storage and removes it.
func writable(path string) Finding {
	dir := there(path)
	fi, err := os.Stat(dir)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return failed("folder-not-writable", err.Error(), replug+" The folder must belong to the user that the bridge runs as.", "path", dir)
	case err != nil, !fi.IsDir():
		return failed("folder-missing", "there is no folder "+dir, "Check that the memory stick is plugged in, or make the folder.", "path", dir)
	}
	f, err := os.CreateTemp(dir, ".snsbridge-doctor-*")
	if spool.Scarce(err) {
		return skipped("folder-unknown", "the program cannot open any more files: "+err.Error(), "Restart the bridge; if that does not help, please report this.", "error", err.Error())
	}
	if err != nil {
		return failed("folder-not-writable", err.Error(), replug+" The folder must belong to the user that the bridge runs as.", "path", dir)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	_, err = f.Write(make([]byte, 4096))
	if err == nil {
		err = f.Sync()
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return failed("storage-full", dir+" is full", "Delete something there, or use a larger memory stick.", "path", dir)
	}
	if err != nil {
		return failed("folder-broken", "what is written to "+dir+" does not stay: "+err.Error(),
			"The storage or its plug is failing: copy your photos, then replace it.", "path", dir, "error", err.Error())
	}
	return ok("%s", path)
}

// mounted tells on what a folder is: photos must survive the power switch.
// What is accepted must survive it whole, which not every file system can
// promise.
func (d *Doctor) mounted(path string, accepted bool) Finding {
	file := d.mounts
	if file == "" {
		file = "/proc/self/mountinfo"
	}
	f, err := os.Open(file)
	if err != nil {
		return skipped("mount-unknown", "the list of mounted storage cannot be read", "", "error", err.Error())
	}
	defer f.Close()
	real, err := filepath.EvalSymlinks(there(path))
	if err != nil {
		return failed("folder-missing", err.Error(), replug, "path", path)
	}
	m, err := mountOf(f, real)
	if err != nil {
		return skipped("mount-unknown", "the list of mounted storage cannot be read", "", "error", err.Error())
	}
	where := fmt.Sprintf("%s (%s, %s)", m.point, m.source, m.fs)
	switch {
	case m.readOnly:
		return failed("storage-readonly", where+" is write-protected",
			"Check the switch of the memory card. After errors the system protects a stick, too: check its file system.",
			"mount", m.point)
	case m.missing(real):
		return warning("storage-not-mounted", "no memory stick is mounted at "+real+": photos go into the router's own memory",
			"Plug the memory stick in and restart the bridge.", "path", real, "mount", m.point)
	case m.volatile():
		return warning("storage-volatile", where+" is in working memory: photos that were not delivered are lost at power off",
			"Name a folder on a memory stick in the settings.", "mount", m.point)
	}
	if fat := m.fat(); fat != "" && accepted {
		return warning("storage-fat", where+": a power cut can damage "+fat+", and everybody on this machine may write there",
			"Copy your photos now and then, and let the memory stick be checked on a computer after a power cut. ext4 is safer.", "mount", m.point, "fs", fat)
	}
	return ok("%s", where)
}

// space tells whether there is room for more photos.
func space(path string, reserve int64) Finding {
	s, err := spool.SpaceAt(there(path))
	if err != nil {
		return failed("folder-missing", err.Error(), replug, "path", path)
	}
	return enough(s, path, reserve)
}

func enough(s spool.Space, path string, reserve int64) Finding {
	if !s.Known() {
		return ok("the file system does not report its free space")
	}
	room := s.Free - reserve
	unit, div := "GB", 1e9
	if s.Total < 1e9 { // working memory
		unit, div = "MB", 1e6
	}
	text := fmt.Sprintf("%.1f of %.1f %s are free", float64(max(0, room))/div, float64(s.Total)/div, unit)
	params := []string{"path", path, "free", fmt.Sprint(max(0, room)), "total", fmt.Sprint(s.Total)}
	remedy := "Delete something there, or use a larger memory stick."
	switch {
	case room <= 0:
		return failed("storage-full", text+": cameras are refused", remedy, params...)
	case room < min(low, (s.Total-reserve)/4): // of working memory little can be used at all
		return warning("storage-low", text, remedy, params...)
	}
	return ok("%s", text)
}

// reserveAt returns the bytes that stay free on a folder's file system: those
// of the spool's, if it is the same.
func reserveAt(folder, spoolFolder string, reserve int64) int64 {
	var a, b syscall.Stat_t
	if syscall.Stat(there(folder), &a) != nil || syscall.Stat(there(spoolFolder), &b) != nil || a.Dev != b.Dev {
		return 0
	}
	return reserve
}
