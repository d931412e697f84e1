package events

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

const (
	maxBody   = 256 << 10 // bytes; events have a few hundred, old registrations send whole profiles
	maxQuery  = 4 << 10   // bytes, as they were sent
	maxError  = 1 << 10   // bytes of an error of Handle in the log
	freshFor  = time.Hour
	handleFor = 4 * time.Second // WeCom waits five
)

// refusal is an answer to a request that is not taken.
type refusal struct {
	status int
	err    error // for the log only
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func refuse(status int, why string) error { return &refusal{status, errors.New(why)} }

// ServeHTTP answers 200 with the text that WeCom wants, 400 to a request that is
// malformed, 403 to one that is not WeCom's, not for this receiver or too old, 405 to
// other methods, 413 to a body that is too long, and 500 if Handle fails.
func (rc *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	answer, err := rc.receive(w, r)
	if err == nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, answer) // #nosec G705 -- a constant, or of echoForm. An error is a reader that has left
		return
	}
	status := http.StatusBadRequest
	if r := (*refusal)(nil); errors.As(err, &r) {
		status = r.status
	}
	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "GET, POST")
	}
	rc.config.Logger.WarnContext(r.Context(), "wecomauth: a request to the event receiver was refused", "status", status, "err", err.Error())
	http.Error(w, http.StatusText(status), status)
}

func (rc *Receiver) receive(w http.ResponseWriter, r *http.Request) (string, error) {
	switch r.Method {
	case http.MethodGet:
		return rc.check(r)
	case http.MethodPost:
		return "success", rc.event(w, r)
	}
	return "", refuse(http.StatusMethodNotAllowed, "the method is neither GET nor POST")
}

// echoForm keeps an event that somebody copied on its way from being decrypted for
// them: its signature would do for a check of the URL too.
var echoForm = regexp.MustCompile(`^[A-Za-z0-9]{1,128}$`)

// check answers the console's check of the URL: the bare text, without a line break.
func (rc *Receiver) check(r *http.Request) (string, error) {
	q, err := readQuery(r.URL.RawQuery)
	if err != nil {
		return "", err
	}
	echo, err := one(q.all, "echostr", maxQuery)
	if err != nil {
		return "", err
	}
	text, _, err := rc.open(q, echo, rc.checks)
	if err != nil {
		return "", err
	}
	if !echoForm.Match(text) {
		return "", errors.New("echostr is not that of a check of the URL")
	}
	return string(text), nil
}

// event takes one event. Only what is encrypted counts: anybody can change the
// elements around it.
func (rc *Receiver) event(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return refuse(http.StatusRequestEntityTooLarge, "the body is too long")
	} else if err != nil {
		return errors.New("the body broke off")
	}
	sealed, err := readEnvelope(body)
	if err != nil {
		return err
	}
	message, receiver, err := rc.open(q, sealed, rc.messages)
	if err != nil {
		return err
	}
	e, ok, err := readEvent(message, receiver, rc.messages)
	if errors.Is(err, errStranger) {
		return &refusal{http.StatusForbidden, err}
	}
	if err != nil || !ok {
		return err
	}
	return rc.handle(r.Context(), e)
}

// open checks and decrypts one value, and returns whom it is for.
func (rc *Receiver) open(q query, sealed string, may func(receiver string) bool) (message []byte, receiver string, err error) {
	if !rc.crypt.authentic(q, sealed) {
		return nil, "", refuse(http.StatusForbidden, "the signature is wrong: this is not WeCom, or Token is not the console's")
	}
	// A request that somebody has copied is worth nothing an hour later. Within the
	// hour it does what it did before; the clocks need not agree better than that.
	sent := moment(q.timestamp)
	if age := time.Since(sent); age > freshFor || age < -freshFor {
		return nil, "", refuse(http.StatusForbidden, "the request is more than an hour old or early: if WeCom sent it now, set the clock")
	}
	message, sealedFor, err := rc.crypt.open(sealed)
	if err != nil {
		return nil, "", err
	}
	if receiver = string(sealedFor); !may(receiver) {
		return nil, "", refuse(http.StatusForbidden, fmt.Sprintf("the message is for %.64q", receiver))
	}
	return message, receiver, nil
}

// handle calls Handle. A panic's text stays out of the log: it may quote the event.
func (rc *Receiver) handle(ctx context.Context, e Event) (err error) {
	ctx, cancel := context.WithTimeout(ctx, handleFor)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = refuse(http.StatusInternalServerError, fmt.Sprintf("Handle: panic of type %T\n%s", p, debug.Stack()))
		}
	}()
	if err := rc.config.Handle(ctx, e); err != nil {
		text := err.Error()
		if e.Ticket != "" {
			text = strings.ReplaceAll(text, e.Ticket, redacted)
		}
		return refuse(http.StatusInternalServerError, fmt.Sprintf("Handle: %.*s", maxError, text))
	}
	return nil
}

// query is what WeCom adds to the URL; all is the rest of it too.
type query struct {
	signature, timestamp, nonce string
	all                         url.Values
}

// The signature does not say where one value ends and the next begins. Forms and
// lengths this narrow keep pieces of the message from being passed off as another value.
var (
	timestampForm = regexp.MustCompile(`^[0-9]+$`)
	nonceForm     = regexp.MustCompile(`^[A-Za-z0-9]+$`)
)

func readQuery(raw string) (q query, err error) {
	if len(raw) > maxQuery {
		return q, errors.New("the query is too long")
	}
	if q.all, err = url.ParseQuery(raw); err != nil {
		return q, errors.New("the query is malformed") // the parser's own text quotes it
	}
	var errs [3]error
	q.signature, errs[0] = one(q.all, "msg_signature", 40)
	q.timestamp, errs[1] = one(q.all, "timestamp", 12)
	q.nonce, errs[2] = one(q.all, "nonce", 32)
	if err := errors.Join(errs[:]...); err != nil {
		return q, err
	}
	if !timestampForm.MatchString(q.timestamp) || !nonceForm.MatchString(q.nonce) {
		return q, errors.New("timestamp or nonce has another form than WeCom's")
	}
	return q, nil
}

// one returns a parameter that must be there exactly once.
func one(values url.Values, name string, limit int) (string, error) {
	if v := values[name]; len(v) == 1 && v[0] != "" && len(v[0]) <= limit {
		return v[0], nil
	}
	return "", errors.New("the query has not exactly one " + name + " of at most " + strconv.Itoa(limit) + " bytes")
}
