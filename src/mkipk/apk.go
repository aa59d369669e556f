package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

const (
	adbBlockTree = 0
	adbBlockData = 2
)

// apk returns the package as apk-tools 3 reads it, unsigned: it is installed
// with --allow-untrusted. The layout is that of `apk mkpkg`, byte for byte
// before compression; a test compares.
func apk(p *Package, when time.Time) ([]byte, error) {
	files := append(p.sorted(), apkLists(p)...)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })

	var body bytes.Buffer
	body.WriteString("ADB.pckg")
	body.Write(block(adbBlockTree, apkTree(p, files, uint32(when.Unix()))))
	for i, dir := range folders(files) {
		for j, f := range filesIn(files, dir) {
			if len(f.Data) == 0 {
				continue
			}
			place := binary.LittleEndian.AppendUint32(nil, uint32(i+1))
			place = binary.LittleEndian.AppendUint32(place, uint32(j+1))
			body.Write(block(adbBlockData, place, f.Data))
		}
	}
	packed, err := squeeze(body.Bytes())
	if err != nil {
		return nil, err
	}
	return append([]byte("ADBd"), packed...), nil
}

// apkLists returns the files by which OpenWrt's scripts and sysupgrade know
// the package: apk itself keeps no such lists where they look. Without .list
// the service would be neither enabled nor started.
func apkLists(p *Package) []File {
	var lists []File
	add := func(suffix, text string) {
		if text != "" {
			lists = append(lists, File{Path: "/lib/apk/packages/" + p.Name + suffix, Mode: 0o644, Data: []byte(text)})
		}
	}
	if p.User != "" {
		add(".rusers", p.User+"\n")
	}
	var list, sums strings.Builder
	for _, f := range append(p.sorted(), lists...) {
		list.WriteString(f.Path + "\n")
		if f.Conf {
			fmt.Fprintf(&sums, "%s %x\n", f.Path, sha256.Sum256(f.Data))
		}
	}
	add(".list", list.String())
	add(".conffiles", p.conffiles())
	add(".conffiles_static", sums.String())
	return lists
}

// apkTree returns the tree that describes the package. The order of writing
// is that of apk, or equal values would get other offsets.
func apkTree(p *Package, files []File, when uint32) []byte {
	a := newADB()
	arch := p.Arch
	if arch == "all" {
		arch = "noarch"
	}
	info := make([]value, 21)
	info[0], info[1] = a.text(p.Name), a.text(p.Version+"-r"+p.Release)
	info[3], info[4], info[5] = a.text(strings.ReplaceAll(p.Description, "\n", " ")), a.text(arch), a.text(p.License)
	info[6], info[7] = a.text(p.Source), a.text(p.Maintainer)
	if p.URL != "" {
		info[8] = a.text(p.URL)
	}
	depends := map[string]value{} // written as given, and listed by name
	for _, name := range p.Depends {
		depends[name] = a.object(a.text(name))
	}
	var list []value
	for _, name := range slices.Sorted(maps.Keys(depends)) {
		list = append(list, depends[name])
	}
	info[14] = a.object(list...)
	if p.Section != "" {
		info[20] = a.object(a.text("openwrt:section=" + p.Section))
	}

	acl := func(mode uint32) value { return a.object(a.int(mode), a.text("root"), a.text("root")) }
	var dirs []value
	size := 0
	for _, dir := range folders(files) {
		var entries []value
		for _, f := range filesIn(files, dir) {
			sum := sha256.Sum256(f.Data)
			name, hash := a.text(path.Base(f.Path)), a.text(string(sum[:]))
			mtime, length := a.int(when), a.int(uint32(len(f.Data)))
			entries = append(entries, a.object(name, acl(uint32(f.Mode.Perm())), length, mtime, hash))
			size += len(f.Data)
		}
		name, rights := a.text(dir), acl(0o755)
		dirs = append(dirs, a.object(name, rights, a.object(entries...)))
	}
	info[11] = a.int(uint32(size))

	// The unique id is the hash of the tree with an empty id.
	id := int(a.fresh(append([]byte{20}, make([]byte, 20)...), 1))
	info[2] = adbBlob8 | value(id)
	head, paths := a.object(info...), a.object(dirs...)
	a.root(a.object(head, paths, a.object(apkScripts(a, p)...)))
	sum := sha256.Sum256(a.buf)
	copy(a.buf[id+1:], sum[:20])
	return a.buf
}

// apkScripts returns the scripts by their slots: trigger, pre- and
// post-install, pre- and post-deinstall, pre- and post-upgrade. An upgrade
// takes nothing down before: apk knows no prerm for it.
func apkScripts(a *adb, p *Package) []value {
	slots := make([]value, 7)
	named := scriptHead + `export root="$IPKG_INSTROOT" pkgname=` + p.Name + "\n"
	install := named + "add_group_and_user\ndefault_postinst\n" + ownPart(p, "postinst")
	slots[2] = a.text(install)
	slots[3] = a.text(named + "default_prerm\n" + ownPart(p, "prerm"))
	slots[4] = a.text(p.Scripts["postrm"])
	slots[6] = a.text("#!/bin/sh\nexport PKG_UPGRADE=1\n" + strings.TrimPrefix(install, "#!/bin/sh\n"))
	return slots
}

func ownPart(p *Package, name string) string {
	return strings.TrimPrefix(p.Scripts[name], "#!/bin/sh\n")
}

// filesIn returns the files directly in the folder.
func filesIn(files []File, dir string) []File {
	var in []File
	for _, f := range files {
		if strings.Trim(path.Dir(f.Path), "/") == dir {
			in = append(in, f)
		}
	}
	return in
}
