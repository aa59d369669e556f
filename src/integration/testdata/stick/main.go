// The first process of a small machine with a memory stick, whose power is cut
// while cameras send photos to the bridge in it. What it tells, a line each,
// begins with "@": all photos on the stick when it begins ("@has NAME HASH"),
// then "@told", and those of which cameras have heard success since ("@ack NAME
// HASH").
// With final=1 no camera sends, and it tells what gets into the photo folder.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"snsbridge/src/camera"
	"snsbridge/src/sim"
)

const (
	stick   = "/stick"
	photos  = stick + "/photos"
	address = "127.0.0.1:8080"
)

func main() {
	if err := run(); err != nil {
		fmt.Println("@failed", err)
	}
	select {}
}

// run never returns nil: the power is cut.
func run() error {
	if err := prepare(); err != nil {
		return err
	}
	told := map[string]bool{}
	if err := tell(stick, told); err != nil {
		return err
	}
	fmt.Println("@told")
	serve := exec.Command("/snsbridge", "serve", "--config", "/settings.toml")
	serve.Stdout, serve.Stderr = os.Stdout, os.Stdout
	if err := serve.Start(); err != nil {
		return err
	}
	go func() { fmt.Println("@failed", "the bridge has ended:", serve.Wait()) }()
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println("@ready")
	if os.Getenv("final") == "1" {
		clear(told)
		for {
			if err := tell(photos, told); err != nil {
				return err
			}
			var st syscall.Statfs_t
			if err := syscall.Statfs(stick, &st); err == nil && st.Flags&syscall.MS_RDONLY != 0 {
				return errors.New("read-only")
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	var cameras sync.WaitGroup
	for n := range 3 {
		cameras.Go(func() { send(n) })
	}
	cameras.Wait()
	return errors.New("no camera sends any more")
}

func prepare() error {
	for _, m := range [][3]string{{"proc", "/proc", "proc"}, {"dev", "/dev", "devtmpfs"}} {
		os.Mkdir(m[1], 0o755)
		if err := syscall.Mount(m[0], m[1], m[2], 0, ""); err != nil {
			return fmt.Errorf("%s: %w", m[1], err)
		}
	}
	modules, _ := filepath.Glob("/modules/*") // in the order in which they need each other
	for _, name := range modules {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		none := []byte{0}
		if _, _, err := syscall.Syscall(syscall.SYS_INIT_MODULE, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), uintptr(unsafe.Pointer(&none[0]))); err != 0 && err != syscall.EEXIST {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := loopback(); err != nil {
		return err
	}
	os.Mkdir(stick, 0o755)
	if err := syscall.Mount(os.Getenv("disk"), stick, os.Getenv("fs"), 0, ""); err != nil {
		return fmt.Errorf("mount %s: %w", os.Getenv("fs"), err)
	}
	if err := os.Mkdir(photos, 0o755); err == nil {
		syscall.Sync()
	}
	settings := fmt.Sprintf("LISTEN = %q\nUPLOAD_FOLDER = %q\nKEEP_DONE = \"0 s\"\n", address, photos)
	return os.WriteFile("/settings.toml", []byte(settings), 0o600)
}

// loopback lets processes of this machine talk to each other.
func loopback() error {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(s)
	request := struct { // ifreq
		name  [16]byte
		flags uint16
		_     [22]byte
	}{name: [16]byte{'l', 'o'}, flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	if _, _, err := syscall.Syscall(syscall.SYS_IOCTL, uintptr(s), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); err != 0 {
		return err
	}
	return nil
}

// tell tells the photos below a folder that are not in told.
func tell(folder string, told map[string]bool) error {
	return filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		if err != nil {
			fmt.Println("@unreadable", err)
			return nil
		}
		if d.IsDir() && folder == photos && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(name) != ".JPG" || told[name] {
			return nil
		}
		f, err := os.Open(name)
		if err != nil {
			fmt.Println("@unreadable", err)
			return nil
		}
		defer f.Close()
		h := sha256.New()
		n, err := io.Copy(h, f)
		if err != nil {
			fmt.Println("@unreadable", err)
			return nil
		}
		told[name] = n > 0 // a photo takes the place of an empty file
		fmt.Printf("@has %s %x\n", strings.TrimPrefix(name, stick+"/"), h.Sum(nil))
		return nil
	})
}

// send sends e-mails of one to six photos, and now and then a post.
func send(n int) {
	round, _ := strconv.Atoi(os.Getenv("round"))
	rng := rand.New(rand.NewPCG(uint64(round), uint64(n)))
	model, _ := camera.Find("NX300")
	c := sim.Camera{Model: model, Addr: address, LocalAddr: fmt.Sprintf("127.0.0.%d", 2+n), Seed: uint64(n)}
	for mail := 0; ; mail++ {
		var files []sim.File
		var acks []string
		for i := range 1 + rng.IntN(6) {
			name := fmt.Sprintf("R%02d%d%03d%d.JPG", round, n, mail, i)
			taken := time.Date(2013, 7, 1+rng.IntN(5), 12, 0, 0, 0, time.UTC)
			f, err := sim.Photo{Model: "NX300", Taken: taken, Size: 12<<10 + rng.Int64N(40<<10), Seed: rng.Uint64()}.File()
			if err != nil {
				fmt.Println("@failed", err)
				return
			}
			f.Name = name
			h := sha256.New()
			content, err := f.Open()
			if err == nil {
				_, err = io.Copy(h, content)
			}
			if err != nil {
				fmt.Println("@failed", err)
				return
			}
			files = append(files, f)
			acks = append(acks, fmt.Sprintf("@ack %s %x\n", name, h.Sum(nil)))
		}
		var err error
		if rng.IntN(3) == 0 {
			err = post(c, files, acks)
		} else if _, err = c.Email(context.Background(), sim.Mail{To: []string{"me@example.org"}, Files: files}); err == nil {
			fmt.Print(strings.Join(acks, ""))
		}
		if err != nil {
			fmt.Println("@failed", err)
			return
		}
	}
}

func post(c sim.Camera, files []sim.File, acks []string) error {
	ctx := context.Background()
	session, err := c.Login(ctx, "facebook")
	if err != nil {
		return err
	}
	for i, f := range files {
		if _, err := session.Photo(ctx, f, ""); err != nil {
			return err
		}
		fmt.Print(acks[i])
	}
	_, err = session.Logout(ctx)
	return err
}
