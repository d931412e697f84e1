package main

import (
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"
	"time"
)

const askTimeout = time.Second

// programs reports which programs are missing on this machine.
func programs() error {
	var missing []error
	for _, name := range []string{"nginx", "redis-server"} {
		if find(name) == "" {
			missing = append(missing, fmt.Errorf("%s is not installed: apt-get install --no-install-recommends %s", name, name))
		}
	}
	return errors.Join(missing...)
}

// find looks for a program, also where Debian puts those of administrators.
func find(name string) string {
	for _, name := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// redis keeps everything in memory: it lasts as long as the demonstration.
func redis(dir, addr string) func() *exec.Cmd {
	host, port, _ := net.SplitHostPort(addr)
	return func() *exec.Cmd {
		return exec.Command(find("redis-server"), // #nosec G204 -- the only program of that name
			"--bind", host, "--port", port, "--dir", dir, "--loglevel", "warning", "--save", "")
	}
}

//go:embed nginx.conf
var nginxConf string

// writeConf fills in nginx.conf.
func writeConf(dir, addr string, instances []string) error {
	f, err := os.Create(filepath.Join(dir, "nginx.conf")) // #nosec G304 -- in a directory of ours
	if err != nil {
		return err
	}
	err = template.Must(template.New("").Parse(nginxConf)).Execute(f, struct {
		Dir, Addr string
		Instances []string
	}{dir, addr, instances})
	return errors.Join(err, f.Close())
}

func nginx(dir string) func() *exec.Cmd {
	return func() *exec.Cmd {
		return exec.Command(find("nginx"), "-p", dir, "-c", "nginx.conf", "-e", "stderr") // #nosec G204 -- the only program of that name
	}
}

// reachable connects, and no more.
func reachable(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, askTimeout)
	if err != nil {
		return err
	}
	return conn.Close()
}

// healthy asks for the one page that never needs a session.
func healthy(addr string) error {
	client := http.Client{Timeout: askTimeout}
	res, err := client.Get("http://" + addr + "/healthz")
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // it is empty
	if res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%s answers %s", addr, res.Status)
	}
	return nil
}
