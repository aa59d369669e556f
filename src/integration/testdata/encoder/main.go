// The least that it takes to mail photos: base64, in lines, through TLS. It is
// the yardstick of the benchmarks for what a mail costs.
//
// encoder ADDRESS FILE... says "ready" and begins at a line of input; then it
// says "sent" and waits for the input's end, so that it can be measured.
package main

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"os"
)

func main() {
	fmt.Println("ready")
	in := bufio.NewReader(os.Stdin)
	in.ReadString('\n')
	conn, err := tls.Dial("tcp", os.Args[1], &tls.Config{InsecureSkipVerify: true, DynamicRecordSizingDisabled: true})
	if err != nil {
		log.Fatal(err)
	}
	const lines = 160
	src, dst := make([]byte, 57*lines), make([]byte, 0, 78*lines)
	for _, name := range os.Args[2:] {
		f, err := os.Open(name)
		if err != nil {
			log.Fatal(err)
		}
		for err == nil {
			var n int
			n, err = io.ReadFull(f, src)
			dst = dst[:0]
			for p := src[:n]; len(p) > 0; p = p[min(57, len(p)):] {
				dst = base64.StdEncoding.AppendEncode(dst, p[:min(57, len(p))])
				dst = append(dst, '\r', '\n')
			}
			if _, err := conn.Write(dst); err != nil {
				log.Fatal(err)
			}
		}
		f.Close()
	}
	fmt.Println("sent")
	io.Copy(io.Discard, in)
}
