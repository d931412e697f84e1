package stores

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// postgres is a PostgreSQL of one test, in a directory of its own. It is reached
// by the loopback address only.
type postgres struct {
	t     *testing.T
	bin   string
	dir   string
	port  string
	as    *syscall.SysProcAttr // who runs it; it refuses to be run by root
	cmd   *exec.Cmd
	alive io.Closer // its standard input
}

// startPostgres starts a PostgreSQL with the table that scs's stores want. It
// ends with the test.
func startPostgres(t *testing.T) *postgres {
	t.Helper()
	p := &postgres{t: t, bin: postgresBin(t)}
	p.ownDirectory()
	p.run("initdb", "-D", filepath.Join(p.dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	for range 2 { // somebody else may take the port before PostgreSQL does
		p.port = freePort(t)
		if p.comesUp() {
			t.Cleanup(p.kill)
			p.query("CREATE TABLE sessions (token TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry TIMESTAMPTZ NOT NULL)")
			return p
		}
	}
	log, _ := os.ReadFile(filepath.Join(p.dir, "log"))
	t.Fatalf("PostgreSQL does not start: %s", log)
	return nil
}

// postgresBin is the directory of PostgreSQL's programs, the newest if there are
// several. Debian keeps them out of the PATH.
func postgresBin(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		missing(t, "PostgreSQL is not installed: apt-get install postgresql")
	}
	return filepath.Dir(found[len(found)-1])
}

// ownDirectory makes a directory for the user who runs PostgreSQL.
func (p *postgres) ownDirectory() {
	p.t.Helper()
	dir, err := os.MkdirTemp("", "postgres") // t.TempDir is in one that only its owner may enter
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p.dir = dir
	if os.Getuid() != 0 {
		return
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		missing(p.t, "PostgreSQL refuses to be run by root, and there is nobody else")
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		p.t.Fatal(err)
	}
	p.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func (p *postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.SysProcAttr = p.dir, p.as
	return cmd
}

func (p *postgres) run(program string, args ...string) {
	p.t.Helper()
	if out, err := p.command(filepath.Join(p.bin, program), args...).CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v: %s", program, err, out)
	}
}

// comesUp starts the program, for the first time or again. It is tried twice,
// since a server that was killed may have left processes that end a little later.
func (p *postgres) comesUp() bool {
	p.t.Helper()
	for range 2 {
		p.boot()
		for deadline := time.Now().Add(startsIn); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) { //nolint:forbidigo // between looks at a process that is starting
			if p.answers() {
				return true
			}
		}
		p.kill()
	}
	return false
}

// boot starts the program. It needs no safety from a power cut.
func (p *postgres) boot() {
	p.t.Helper()
	p.cmd = p.command("sh", "-c", until+" >>log 2>&1", "sh", filepath.Join(p.bin, "postgres"), "-D", "data", "-F",
		"-p", p.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
	alive, err := p.cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.alive = alive
}

// kill is kill -9 of the server's first process, which the others follow.
func (p *postgres) kill() {
	_ = p.alive.Close()
	_ = p.cmd.Wait()
}

func (p *postgres) answers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	pool, err := pgxpool.New(ctx, p.url())
	if err != nil {
		return false
	}
	defer pool.Close()
	dir := ""
	err = pool.QueryRow(ctx, "SHOW data_directory").Scan(&dir)
	return err == nil && dir == filepath.Join(p.dir, "data") // it is ours
}

func (p *postgres) url() string {
	return "postgres://postgres@" + net.JoinHostPort("127.0.0.1", p.port) + "/postgres?sslmode=disable&connect_timeout=1&statement_timeout=500"
}

// pool is one of an instance's own.
func (p *postgres) pool() *pgxpool.Pool {
	p.t.Helper()
	pool, err := pgxpool.New(context.Background(), p.url())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(pool.Close)
	return pool
}

func (p *postgres) query(sql string) {
	p.t.Helper()
	if _, err := p.pool().Exec(context.Background(), sql); err != nil {
		p.t.Fatal(err)
	}
}
