package wecom

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
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
	Find(token string) (b []byte, found bool, err error)
	Commit(token string, b []byte, expiry time.Time) error
}

// Tickets keeps the latest suite_ticket of a suite, for all instances of the
// service: WeCom sends each to one address, where one of them gets it. It is safe
// for concurrent use. Make it with [Suite.NewTickets].
type Tickets struct {
	store TicketStore
	key   string
	seal  cipher.AEAD
}

// NewTickets keeps the tickets of this suite in a store, sealed with a key of the
// SuiteSecret: whoever reads the store does not have them. Use the store that holds
// the sessions, which all instances share. Nil keeps them in this process, which is
// right for one instance: after a restart nobody can log in until the next ticket,
// for ten minutes at most. SuiteID and SuiteSecret must be set.
func (s Suite) NewTickets(store TicketStore) (*Tickets, error) {
	for _, err := range s.checkSecrets() {
		if err != nil {
			return nil, err
		}
	}
	key, err := hkdf.Key(sha256.New, []byte(s.SuiteSecret), nil, "wecomauth v1 suite ticket "+s.SuiteID, 32)
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
	t := &Tickets{store: store, key: "wecomauth;" + base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").EncodeToString(sum[:])[:26]}
	t.seal, err = cipher.NewGCMWithRandomNonce(block)
	return t, err
}

const ticketMember = "wecomauth.suite_ticket"

// Set keeps a ticket, as it came in the SuiteTicket of an event of type
// suite_ticket. If the error is not nil, have WeCom send the event again.
func (t *Tickets) Set(ctx context.Context, ticket string) error {
	if !visibleASCII(ticket, maxTicket) {
		return fmt.Errorf("wecom: the suite_ticket is not 1 to %d visible ASCII characters", maxTicket)
	}
	sealed := t.seal.Seal(nil, nil, []byte(ticket), []byte(t.key)) // #nosec G407 -- it draws the nonce itself
	expiry := time.Now().Add(ticketLife)
	b, err := core.Codec{Gob: true}.Encode(expiry.UTC(), map[string]any{ticketMember: string(sealed)})
	if err != nil {
		return err
	}
	if c, ok := t.store.(interface {
		CommitCtx(context.Context, string, []byte, time.Time) error
	}); ok {
		err = c.CommitCtx(ctx, t.key, b, expiry)
	} else {
		err = t.store.Commit(t.key, b, expiry)
	}
	if err != nil {
		return fmt.Errorf("%w: suite_ticket: %w", core.ErrStore, err)
	}
	return nil
}

// get returns the latest ticket.
func (t *Tickets) get(ctx context.Context) (string, error) {
	b, found, err := t.find(ctx)
	if err != nil {
		return "", fmt.Errorf("%w: suite_ticket: %w", core.ErrStore, err)
	}
	if found {
		if expiry, values, err := (core.Codec{}).Decode(b); err == nil && time.Now().Before(expiry) {
			sealed, _ := values[ticketMember].(string)
			if ticket, err := t.seal.Open(nil, nil, []byte(sealed), []byte(t.key)); err == nil {
				return string(ticket), nil
			}
		}
	}
	return "", core.RetryAfter(&callError{api: apiSuiteToken, kind: core.ErrUnavailable,
		text: "there is no suite_ticket: WeCom sends one every ten minutes to the suite's instruction URL (指令回调URL); " +
			"check that it arrives and is given to Tickets.Set, in a store that all instances share"}, retryTicket)
}

func (t *Tickets) find(ctx context.Context) ([]byte, bool, error) {
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
