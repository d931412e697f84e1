package events

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
)

const maxDepth = 16 // of elements; WeCom's deepest events have six

var errXML = errors.New("the message is not the XML that WeCom sends")

// fields are the texts of the elements right below the root, by name.
type fields map[string][]string

// readXML reads WeCom's flat XML: a root xml, and no declarations of entities,
// comments or instructions, which it never has.
func readXML(text []byte) (fields, error) {
	p := parser{fields: make(fields)}
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && p.root {
			return p.fields, nil
		}
		if err != nil || !p.take(t) {
			return nil, errXML // the decoder's own text may quote the message
		}
	}
}

type parser struct {
	fields fields
	root   bool // was there
	depth  int
	text   []byte
}

// take reports whether a token may be where it is.
func (p *parser) take(t xml.Token) bool {
	switch t := t.(type) {
	case xml.StartElement:
		p.depth++
		p.text = p.text[:0]
		if p.depth == 1 {
			first := !p.root
			p.root = true
			return first && t.Name == xml.Name{Local: "xml"}
		}
		return p.depth <= maxDepth
	case xml.EndElement:
		if p.depth == 2 && t.Name.Space == "" {
			p.fields[t.Name.Local] = append(p.fields[t.Name.Local], string(p.text))
		}
		p.depth--
		return true
	case xml.CharData:
		if p.depth == 2 {
			p.text = append(p.text, t...)
		}
		return p.depth > 0 || len(bytes.TrimSpace(t)) == 0
	case xml.ProcInst:
		return t.Target == "xml" && !p.root
	}
	return false
}

// one returns the text of an element, or "" if it is not there. Of two nobody
// can say which one counts.
func (f fields) one(name string, err *error) string {
	switch texts := f[name]; len(texts) {
	case 0:
		return ""
	case 1:
		return texts[0]
	}
	*err = errXML
	return ""
}
