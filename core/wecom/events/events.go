// Package events receives what WeCom (企业微信) tells an app: that somebody has
// left or was given another UserID and, for service providers, suite tickets.
//
// A [Receiver] is an [http.Handler] for the address that the console calls
// 接收消息服务器URL. With [Revoke] as its Handle the sessions of people who leave end
// at once. Deliveries are not guaranteed, and many apps get few of them:
// core.Config.Recheck finds out by itself.
//
// https://developer.work.weixin.qq.com/document/path/90930
package events

import (
	"context"
	"crypto/aes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"unicode"
)

const (
	maxToken  = 32  // characters of a Token, WeCom's own limit
	keyLength = 43  // characters of an EncodingAESKey
	maxID     = 128 // bytes of an id; real ones have 18

	redacted = "***"
)

// Config is what a [Receiver] is made from. Printing it with any fmt verb or
// encoder shows neither Token nor EncodingAESKey.
type Config struct {
	// Token and EncodingAESKey are those of the console's page on which the URL is
	// set: 1 to 32 letters and digits, and 43 characters.
	Token, EncodingAESKey string
	// ReceiveID is whom the messages are for, 1 to 128 bytes: the CorpID or, at the
	// instruction URL (指令回调URL) of a service provider, the SuiteID.
	ReceiveID string
	// CheckID is whom the console's check of the URL is for, if that is somebody
	// else: at an instruction URL the provider's own CorpID. Empty means ReceiveID.
	CheckID string
	// ReceiveIDs stands in place of both where they are many, or empty: it says
	// whether a message or a check of the URL may be for id. At the data URL
	// (数据回调URL) of a third-party app the check is for the provider's CorpID and each
	// message for a customer's; whatever comes to a provider who is a person
	// (个人主体) is for the empty id. It is asked about the suite that an instruction
	// names as well, and about the company that a message for nobody names. It must
	// be safe for concurrent use.
	ReceiveIDs func(id string) bool
	// Handle is called for each authentic event, also of types that this package
	// does not know, perhaps on several goroutines at once. WeCom repeats an event
	// whose answer is late or lost: a second call with the same event must do no harm.
	//
	// After an error, or a panic, the answer is 500 and WeCom sends the event again,
	// a few times within seconds. WeCom waits five seconds for the answer, so the
	// context ends after four; it also ends if WeCom hangs up.
	Handle func(ctx context.Context, e Event) error
	// Logger gets a record for each request that is refused and each error of
	// Handle; nil means slog.Default(). No record holds a message.
	Logger *slog.Logger
}

// Receiver answers WeCom's check of the URL (GET) and its events (POST). Mount it
// outside Require: WeCom does not log in. Make it with [New]; it is safe for
// concurrent use.
type Receiver struct {
	config           Config
	crypt            crypt
	messages, checks func(id string) bool // whom they may be for
}

// New checks c. The error joins one sentence for each mistake, and holds neither
// Token nor EncodingAESKey.
func New(c Config) (*Receiver, error) {
	if c.CheckID == "" {
		c.CheckID = c.ReceiveID
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	key, err := c.check()
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("events: EncodingAESKey: %w", err)
	}
	rc := &Receiver{config: c, crypt: crypt{token: c.Token, block: block, iv: key[:aes.BlockSize]}, messages: c.ReceiveIDs, checks: c.ReceiveIDs}
	if c.ReceiveIDs == nil {
		rc.messages = func(id string) bool { return id == c.ReceiveID }
		rc.checks = func(id string) bool { return id == c.CheckID }
	}
	return rc, nil
}

var tokenForm = regexp.MustCompile(fmt.Sprintf(`^[A-Za-z0-9]{1,%d}$`, maxToken))

// check returns the key, or every mistake at once. It repeats no value: each may
// be a secret in the wrong place.
func (c Config) check() (key []byte, err error) {
	var errs []error
	if !tokenForm.MatchString(c.Token) {
		errs = append(errs, errors.New("events: Token must be 1 to 32 letters and digits: copy it from the page of the WeCom console on which the URL is set"))
	}
	// Not Strict: the last character of WeCom's own sample key has bits to spare.
	key, err = base64.StdEncoding.DecodeString(c.EncodingAESKey + "=")
	if err != nil || len(c.EncodingAESKey) != keyLength || len(key) != 32 {
		errs = append(errs, errors.New("events: EncodingAESKey must be the 43 characters of the same page, without a line break"))
	}
	switch {
	case c.ReceiveIDs != nil && c.ReceiveID+c.CheckID != "":
		errs = append(errs, errors.New("events: ReceiveIDs stands in place of ReceiveID and CheckID: leave these empty"))
	case c.ReceiveIDs != nil:
	case !isID(c.ReceiveID):
		errs = append(errs, errors.New("events: ReceiveID must be the CorpID or, at the instruction URL of a service provider, the SuiteID: 1 to 128 bytes without blanks"))
	case !isID(c.CheckID):
		errs = append(errs, errors.New("events: CheckID must be empty or the service provider's CorpID: 1 to 128 bytes without blanks"))
	}
	if c.Handle == nil {
		errs = append(errs, errors.New("events: Handle is nil: give a function, such as events.Revoke(auth)"))
	}
	return key, errors.Join(errs...)
}

func isID(s string) bool {
	blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	return s != "" && len(s) <= maxID && !strings.ContainsFunc(s, blank)
}

func (c Config) describe() string {
	return fmt.Sprintf("events.Config{ReceiveID:%q, CheckID:%q, ReceiveIDs:%t, Token:%s, EncodingAESKey:%s}",
		c.ReceiveID, c.CheckID, c.ReceiveIDs != nil, hidden(c.Token), hidden(c.EncodingAESKey))
}

func hidden(secret string) string {
	if secret == "" {
		return "unset"
	}
	return redacted
}

// Format prints the settings without Token and EncodingAESKey, for every verb.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.describe()) }

// LogValue is the settings in a log, without Token and EncodingAESKey.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.describe()) }

// MarshalText is the settings in JSON, YAML or XML, without Token and
// EncodingAESKey. Reading a Config from JSON is not affected.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.describe()), nil }

// Format prints whom the messages are for, and no key.
func (rc *Receiver) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "events.Receiver{ReceiveID:%q}", rc.config.ReceiveID)
}
