package wecomtest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// recorder is a ResponseWriter that keeps the answer. (That of httptest would
// bring its command-line flag into every program that uses this package.)
type recorder struct {
	header http.Header
	sent   http.Header // as it was at WriteHeader
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: make(http.Header)} }

func (w *recorder) Header() http.Header { return w.header }

// Flush implements http.Flusher; the client sees the whole answer at once.
func (w *recorder) Flush() { w.WriteHeader(http.StatusOK) }

func (w *recorder) WriteHeader(status int) {
	if w.status != 0 || status < 200 { // only the first counts
		return
	}
	w.status, w.sent = status, w.header.Clone()
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(b)
}

// response returns what the client gets.
func (w *recorder) response(req *http.Request) *http.Response {
	w.WriteHeader(http.StatusOK)
	if _, set := w.sent["Content-Type"]; !set && w.body.Len() > 0 {
		w.sent.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
	}
	res := &http.Response{
		Status:     fmt.Sprintf("%03d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.sent,
		Body:          http.NoBody,
		ContentLength: -1,
		Request:       req,
	}
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil {
		res.ContentLength = n
	}
	if req.Method != http.MethodHead {
		res.ContentLength = int64(w.body.Len())
		res.Body = io.NopCloser(&w.body)
	}
	return res
}
