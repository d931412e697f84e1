package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

var binaries string // where build puts what it builds

func TestMain(m *testing.M) {
	// A process with the race detector sleeps for a second when it ends.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	var err error
	if binaries, err = os.MkdirTemp("", "cluster-test-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(binaries)
	os.Exit(code)
}

// build builds the program, with the race detector where there is a C compiler.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaries, "cluster")
	args := []string{"build", "-o", path}
	cc, err := exec.Command("go", "env", "CC").Output()
	if err != nil {
		return "", err
	}
	if _, err := exec.LookPath(strings.TrimSpace(string(cc))); err == nil {
		args = append(args, "-race")
	} else if os.Getenv("CI") == "" {
		_, _ = fmt.Fprintln(os.Stderr, "SKIP race detector in the instances: no C compiler")
	} else {
		return "", err
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// built returns the program. It skips a test that cannot run here, loudly, and
// fails it on CI.
func built(t *testing.T) string {
	t.Helper()
	if err := programs(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("SKIP %v", err)
	}
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func mustFreeAddr(t *testing.T) string {
	t.Helper()
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// site is a cluster under test.
type site struct {
	*cluster
	t        *testing.T
	wecom    *witness
	log      *os.File
	people   []*person
	deadline time.Time // of everybody

	transport http.Transport // of all browsers
	count     counters
	wrong     atomic.Int64 // how often complain was called
}

// newSite starts a cluster of a company with so many employees.
func newSite(t *testing.T, employees int) *site {
	t.Helper()
	program, addr := built(t), mustFreeAddr(t)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	company := make([]wecomtest.Employee, employees)
	s := &site{t: t, log: log, deadline: time.Now().Add(atMost)}
	for i := range company {
		userID := fmt.Sprintf("employee%04d", i)
		company[i] = wecomtest.Employee{UserID: userID, Name: "员工 " + userID, Departments: []int{2 + i%4}}
		s.people = append(s.people, s.person(userID, i))
	}
	s.transport.MaxIdleConnsPerHost = atOnce
	fake := wecomtest.New(wecomtest.Config{TrustedDomain: addr, Employees: company})
	s.wecom = &witness{fake: fake, codes: make(map[string]code), secrets: []string{fake.App().Secret}}
	s.cluster, err = start(settings{addr: addr, program: program, app: fake.AppAt, wecom: s.wecom, log: log})
	if err != nil {
		t.Fatalf("%v\n%s", err, s.written())
	}
	t.Cleanup(func() {
		s.transport.CloseIdleConnections()
		s.stop()
		s.checkLog()
	})
	return s
}

// complain fails the test. Of thousands of people it prints the first ten.
func (s *site) complain(format string, args ...any) {
	s.t.Helper()
	if s.wrong.Add(1) <= 10 {
		s.t.Errorf(format, args...)
	} else {
		s.t.Fail()
	}
}

// written is what all processes have logged.
func (s *site) written() []byte {
	b, err := os.ReadFile(s.log.Name())
	if err != nil {
		s.t.Error(err)
	}
	return b
}

// checkLog looks for what must never happen in an instance, or be logged.
func (s *site) checkLog() {
	log := s.written()
	for _, bad := range []string{"DATA RACE", "panic:", "goroutine ", "fatal error"} {
		if i := bytes.Index(log, []byte(bad)); i >= 0 {
			s.t.Errorf("an instance says %q: %.3000s", bad, log[i:])
		}
	}
	for _, secret := range s.secrets() {
		if bytes.Contains(log, []byte(secret)) {
			s.complain("an instance logs a secret, a code, a token or a cookie of %d bytes", len(secret))
		}
	}
	s.t.Logf("%d lines in the instances' logs", bytes.Count(log, []byte("\n")))
}

// secrets are what no log may hold.
func (s *site) secrets() []string {
	secrets := s.wecom.secrets
	for code := range s.wecom.codes {
		secrets = append(secrets, code)
	}
	for _, p := range s.people {
		for _, c := range p.cookies() {
			secrets = append(secrets, c.Value)
		}
	}
	return secrets
}
