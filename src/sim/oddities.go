package sim

// Oddities are the ways in which cameras differ from the captures of an NX300, or in which links to them break.
// The zero value is the capture. Absolute and a length that is 8 bytes short stand in other published captures; the rest
// was concluded from what the known Flask implementation had to learn, or is imagined.
type Oddities struct {
	// The e-mail's body and its length.
	Ending    Ending
	PrefixLen int    // with EndPrefix: how many of the 43 bytes of line end and delimiter are sent
	Short     Short  // Content-Length says too little
	Extra     string // sent after the body, of every request that has one, beyond Content-Length

	// How it is addressed.
	Absolute      bool // the request line names the host too: POST http://www.ospserver.net/... HTTP/1.0
	TrailingSlash bool // /facebook/auth/ and /facebook/photo/, as G. Lukas' slides have it
	HostUpper     bool // Host: GLD.SAMSUNGOSP.COM
	HostPort      bool // Host: gld.samsungosp.com:80
	NoHost        bool // no Host header; with HTTP/1.1 against the rules
	EmailHTTP11   bool // e-mail by HTTP/1.1 instead of 1.0

	// What it sends.
	PostUpload    bool   // file data by POST instead of PUT
	PlainLogin    bool   // user and password without encryption, whatever the model
	EmptyLogin    bool   // first a login without a body, as the NX300 sometimes does; whatever is answered, it tries again
	ContentType   string // of all files, such as image/pjpeg
	SenderName    string // stands before the sender's address: Name <address>
	RawText       bool   // what people typed stands in the XML as it is: no CDATA, and a bare & makes it ill-formed
	EmptyElements bool   // <title/> and <body/>, <Content/>
	Charset       string // of text and file names, whose bytes are the caller's; empty is UTF-8, else such as EUC-KR

	// What it wants to hear in a hotspot check by Yahoo or MSN.
	OnlyCookie   bool // as models do that refuse the redirect
	OnlyRedirect bool // as some model may, for whose sake the known server sends redirects at all

	// The link.
	BytesPerSecond int64 // 0 is as fast as it goes
	ChunkSize      int   // bytes a write, of files at most 32 KiB; 0 is 32 KiB
	AbortAfter     int64 // bytes of a request after which the connection ends (shorter requests are sent whole); 0 is never
	Reset          bool  // it ends by a reset, as when the battery is taken out, instead of in order
}

// Ending is what an e-mail's body has after the last file.
type Ending int

const (
	EndLine       Ending = iota // delimiter and line end: what the capture of an NX300 shows
	EndDelimiter                // delimiter only
	EndClosed                   // delimiter closed by --, as the standard asks
	EndClosedLine               // delimiter, -- and line end
	EndPrefix                   // the first PrefixLen bytes of line end and delimiter
	EndNone                     // nothing
)

// Short is by how much Content-Length is too small: 4 bytes for each of something. A capture shows 8 bytes
// for one photo, so ShortParts is the likeliest reading.
type Short int

const (
	ShortNone       Short = iota
	ShortPhotos           // each file
	ShortParts            // each file and the message
	ShortDelimiters       // each delimiter line: one more than parts
)

func (s Short) bytes(files int) int64 {
	switch s {
	case ShortPhotos:
		return 4 * int64(files)
	case ShortParts:
		return 4 * int64(files+1)
	case ShortDelimiters:
		return 4 * int64(files+2)
	}
	return 0
}

func (o Oddities) end(delimiter string) string {
	switch o.Ending {
	case EndDelimiter:
		return "\r\n" + delimiter
	case EndClosed:
		return "\r\n" + delimiter + "--"
	case EndClosedLine:
		return "\r\n" + delimiter + "--\r\n"
	case EndPrefix:
		s := "\r\n" + delimiter
		return s[:max(0, min(o.PrefixLen, len(s)))]
	case EndNone:
		return ""
	}
	return "\r\n" + delimiter + "\r\n"
}
