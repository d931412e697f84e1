package wecom

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// ticketLife is how long a suite_ticket is good; a new one comes every ten minutes.
// https://developer.work.weixin.qq.com/document/path/90628
const ticketLife = 30 * time.Minute

// retryTicket is what a visitor is told to wait where there is none.
const retryTicket = time.Minute

// TicketStore is what [Tickets] needs of a store. Every scs.Store is one.
type TicketStore interface {
	// Find returns what Commit kept under a token; found is false if there is nothing,
	// or expiry has passed. A store that returns it later does no harm.
	Find(token string) (b []byte, found bool, err error)
	// Commit keeps b in place of what there was, until expiry. It need not outlive a
	// restart: the next ticket comes within ten minutes.
	Commit(token string, b []byte, expiry time.Time) error
}

// Tickets keeps the latest suite_ticket of a suite, for all instances of the
// service: WeCom sends each to one address, where one of them gets it. It is safe
// for concurrent use. Make it with [Suite.NewTickets]; the zero value holds none.
type Tickets struct {
	store TicketStore
	key   string
	seal  cipher.AEAD
	of    []byte     // the suite whose they are
	mu    sync.Mutex // Set looks before it writes
}

// NewTickets keeps the tickets of this suite in a store, sealed with a key of the
// SuiteSecret: whoever reads the store does not have them. Use the store that holds
// the sessions, which all instances share. Nil keeps them in this process, which is
// right for one instance: after a restart nobody can log in until the next ticket,
// for ten minutes at most. SuiteID and SuiteSecret must be set. Each suite has
// Tickets of its own.
func (s Suite) NewTickets(store TicketStore) (*Tickets, error) {
	for _, err := range s.checkSecrets() {
		if err != nil {
			return nil, err
		}
	}
	key, of, err := s.ticketKey()
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if store == nil {
		store = new(ticketMemory)
	}
	// Like the marks that core keeps: no cookie can name the entry, and a manager
	// that iterates over its sessions finds one without anything of its own.
	sum := sha256.Sum256([]byte("suite ticket\x00" + s.SuiteID))
	t := &Tickets{store: store, of: of, key: "wecomauth;" + base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").EncodeToString(sum[:])[:26]}
	t.seal, err = cipher.NewGCMWithRandomNonce(block)
	return t, err
}

// ticketKey returns the key that seals tickets, and what tells this suite's
// Tickets from others.
func (s Suite) ticketKey() (key, of []byte, err error) {
	b, err := hkdf.Key(sha256.New, []byte(s.SuiteSecret), nil, "wecomauth v1 suite ticket "+s.SuiteID, 64)
	if err != nil {
		return nil, nil, err
	}
	return b[:32], b[32:], nil
}

// checkTickets finds Tickets that would never hold a ticket of this suite.
func (s Suite) checkTickets() error {
	if s.Tickets == nil {
		return errors.New("wecom: Suite.Tickets is nil: make it with Suite.NewTickets and hand it each suite_ticket that WeCom sends")
	}
	_, of, err := s.ticketKey()
	if err == nil && subtle.ConstantTimeCompare(of, s.Tickets.of) != 1 {
		err = errors.New("wecom: Suite.Tickets was not made by NewTickets of this suite: each SuiteID with its SuiteSecret needs its own")
	}
	return err
}

// Format keeps what belongs to the SuiteSecret out of prints.
func (t *Tickets) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "wecom.Tickets") }

const ticketMember = "wecomauth.suite_ticket"

// Set keeps a ticket, as it came in the SuiteTicket of an event of type
// suite_ticket, and when WeCom sent it, the event's Time. One that is half an hour
// old, or older than the one that is kept, changes nothing and is no error: events
// come twice, and late. If the error is not nil, have WeCom send the event again.
func (t *Tickets) Set(ctx context.Context, ticket string, sent time.Time) error {
	switch {
	case t.store == nil:
		return errors.New("wecom: make Tickets with Suite.NewTickets")
	case !visibleASCII(ticket, maxTicket):
		return fmt.Errorf("wecom: the suite_ticket is not 1 to %d visible ASCII characters", maxTicket)
	case sent.IsZero():
		return errors.New("wecom: the suite_ticket has no time: hand Tickets.Set the Time of the event that it came in")
	}
	now := time.Now()
	expiry := sent.Add(ticketLife)
	if sent.After(now) { // by a clock that is ahead of this one
		expiry = now.Add(ticketLife)
	}
	if !now.Before(expiry) {
		return nil
	}
	t.mu.Lock() // of two instances with two events in one moment either may win: both tickets are good
	defer t.mu.Unlock()
	_, kept, err := t.find(ctx)
	if err == nil && !sent.Before(kept) {
		err = t.commit(ctx, ticket, sent, expiry)
	}
	if err != nil {
		return fmt.Errorf("%w: suite_ticket: %w", core.ErrStore, err)
	}
	return nil
}

func (t *Tickets) commit(ctx context.Context, ticket string, sent, expiry time.Time) error {
	plain := append(binary.BigEndian.AppendUint64(nil, uint64(sent.Unix())), ticket...) // #nosec G115 -- read back the same way
	sealed := t.seal.Seal(nil, nil, plain, []byte(t.key))                               // #nosec G407 -- it draws the nonce itself
	b, err := core.Codec{Gob: true}.Encode(expiry.UTC(), map[string]any{ticketMember: string(sealed)})
	if err != nil {
		return err
	}
	if c, ok := t.store.(interface {
		CommitCtx(context.Context, string, []byte, time.Time) error
	}); ok {
		return c.CommitCtx(ctx, t.key, b, expiry)
	}
	return t.store.Commit(t.key, b, expiry)
}

// get returns the latest ticket.
func (t *Tickets) get(ctx context.Context) (string, error) {
	ticket, _, err := t.find(ctx)
	if err != nil {
		return "", notAsked{fmt.Errorf("%w: suite_ticket: %w", core.ErrStore, err)}
	}
	if ticket == "" {
		return "", notAsked{core.RetryAfter(&callError{api: apiSuiteToken, kind: core.ErrUnavailable,
			text: "there is no suite_ticket: WeCom sends one every ten minutes to the suite's instruction URL (指令回调URL); " +
				"check that it arrives and is given to Tickets.Set, in a store that all instances share, and that the clock is right"}, retryTicket)}
	}
	return ticket, nil
}

// find returns the ticket that is kept and when it was sent; "" if there is none
// that can be read and is still good.
func (t *Tickets) find(ctx context.Context) (ticket string, sent time.Time, err error) {
	b, found, err := t.load(ctx)
	if err != nil || !found {
		return "", time.Time{}, err
	}
	expiry, values, err := (core.Codec{}).Decode(b)
	if err != nil || !time.Now().Before(expiry) {
		return "", time.Time{}, nil
	}
	sealed, _ := values[ticketMember].(string)
	plain, err := t.seal.Open(nil, nil, []byte(sealed), []byte(t.key))
	if err != nil || len(plain) < 8 {
		return "", time.Time{}, nil
	}
	return string(plain[8:]), time.Unix(int64(binary.BigEndian.Uint64(plain)), 0), nil // #nosec G115 -- of commit
}

func (t *Tickets) load(ctx context.Context) ([]byte, bool, error) {
	if c, ok := t.store.(interface {
		FindCtx(context.Context, string) ([]byte, bool, error)
	}); ok {
		return c.FindCtx(ctx, t.key)
	}
	return t.store.Find(t.key)
}

// ticketMemory is a store of one entry.
type ticketMemory struct {
	mu sync.Mutex
	b  []byte
}

func (m *ticketMemory) Find(string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.b, m.b != nil, nil
}

func (m *ticketMemory) Commit(_ string, b []byte, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.b = b
	return nil
}
