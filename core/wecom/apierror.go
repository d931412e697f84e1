package wecom

import (
	"fmt"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"

	"github.com/wecomauth/wecomauth/core"
)

// APIError is an error code that WeCom answered a call with. It unwraps to the
// *core.Kind of the code's class.
// https://developer.work.weixin.qq.com/document/path/90313
type APIError struct {
	// API is the call, without /cgi-bin/, such as "gettoken".
	API string
	// Code is WeCom's error code, never 0.
	Code int
	// Msg is WeCom's text, at most 256 printable bytes without secrets. WeCom
	// changes these texts without notice.
	Msg string
	// Hint is the id by which WeCom's support finds the call, or empty.
	Hint string
	// IP is the address that WeCom saw the call come from, or empty.
	IP string
}

var (
	hintForm = regexp.MustCompile(`hint: \[([^\]]{1,128})\]`)
	ipForm   = regexp.MustCompile(`from ip: ([0-9A-Fa-f.:]{1,45})`)
)

// newAPIError takes a message that is scrubbed, and finds what is useful in it.
func newAPIError(api string, code int, msg string) error {
	e := &APIError{API: api, Code: code, Msg: printable(msg, maxText)}
	if m := hintForm.FindStringSubmatch(msg); m != nil {
		e.Hint = printable(m[1], maxText)
	}
	if m := ipForm.FindStringSubmatch(msg); m != nil {
		if addr, err := netip.ParseAddr(strings.TrimRight(m[1], ".")); err == nil {
			e.IP = addr.String()
		}
	}
	switch {
	case code == codeLimit:
		return unavailable(e, retryBlock)
	case e.row().Kind == core.ErrUnavailable:
		return unavailable(e, retrySoon)
	}
	return e
}

// LogValue is the error in a log, field by field; empty fields are left out.
func (e *APIError) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, a := range []slog.Attr{
		slog.String("api", e.API), slog.Int("errcode", e.Code), slog.String("msg", e.Msg),
		slog.String("hint", e.Hint), slog.String("ip", e.IP), slog.String("remedy", e.Remedy()),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return slog.GroupValue(attrs...)
}

// Error returns the call, the code, WeCom's text and the remedy, for a log.
func (e *APIError) Error() string {
	return fmt.Sprintf("wecom: %s: errcode %d (%s): %s", e.API, e.Code, e.Msg, e.Remedy())
}

// Unwrap returns the *core.Kind of the code's class; core.ErrBadAnswer if the
// code is not known.
func (e *APIError) Unwrap() error { return e.row().Kind }

// Remedy says in one sentence what an administrator should do. It is never
// empty.
func (e *APIError) Remedy() string {
	remedy := e.row().Remedy.EN
	if e.IP != "" {
		remedy = strings.ReplaceAll(remedy, serverIP, "the address "+e.IP)
	}
	return remedy
}

// row returns the code's row of the table, or one for unknown codes.
func (e *APIError) row() ErrorCode {
	if row, ok := byCode[e.Code]; ok {
		return row
	}
	lookUp := fmt.Sprintf("https://open.work.weixin.qq.com/devtool/query?e=%d", e.Code)
	return ErrorCode{Code: e.Code, Kind: core.ErrBadAnswer, Remedy: Text{"Look the code up at " + lookUp + ".", ""}}
}
