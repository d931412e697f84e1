package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom"
)

// settings are what a cluster is made from.
type settings struct {
	addr    string                     // of the balancer
	program string                     // this one, which the instances run
	app     func(url string) wecom.App // with the credentials of the fake at url
	wecom   http.Handler               // the fake, or what a test puts around it
	log     *os.File                   // of all processes
}

// cluster is the whole deployment.
type cluster struct {
	settings
	base      string // what browsers open
	wecomURL  string
	redisAddr string
	instances []*process
	addrs     []string // of the instances

	dir   string // for all files; removed at the end
	close []func()
}

// start brings everything up, in the order in which it is needed.
func start(s settings) (*cluster, error) {
	c := &cluster{settings: s, base: "http://" + s.addr}
	for _, step := range []func() error{c.check, c.makeDir, c.startWeCom, c.startRedis, c.startInstances, c.startNginx} {
		if err := step(); err != nil {
			c.stop()
			return nil, err
		}
	}
	return c, nil
}

// stop ends everything, the balancer first.
func (c *cluster) stop() {
	for len(c.close) > 0 {
		last := len(c.close) - 1
		c.close[last]()
		c.close = c.close[:last]
	}
}

func (c *cluster) atEnd(f func()) { c.close = append(c.close, f) }

// check says what is missing before anything starts. nginx itself would try for
// a while to get an address that another program has.
func (c *cluster) check() error {
	if err := programs(); err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.addr)
	if err != nil {
		return fmt.Errorf("choose another -addr: %w", err)
	}
	return l.Close()
}

func (c *cluster) makeDir() (err error) {
	c.dir, err = os.MkdirTemp("", "cluster-")
	c.atEnd(func() { _ = os.RemoveAll(c.dir) })
	return err
}

// startWeCom serves the fake WeCom, for browsers and instances.
func (c *cluster) startWeCom() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.wecomURL = "http://" + l.Addr().String()
	server := &http.Server{Handler: c.wecom, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }() // until stop
	c.atEnd(func() { _ = server.Close() })
	return nil
}

func (c *cluster) startRedis() (err error) {
	if c.redisAddr, err = freeAddr(); err != nil {
		return err
	}
	return c.run("redis-server", redis(c.dir, c.redisAddr), func() error { return reachable(c.redisAddr) })
}

func (c *cluster) startNginx() error {
	if err := writeConf(c.dir, c.addr, c.addrs); err != nil {
		return err
	}
	return c.run("nginx", nginx(c.dir), func() error { return healthy(c.addr) })
}

// run starts a program that runs until stop.
func (c *cluster) run(name string, command func() *exec.Cmd, answers func() error) error {
	p, err := run(name, c.log, command, answers)
	if err == nil {
		c.atEnd(func() { p.end(syscall.SIGTERM) })
	}
	return err
}

// startInstances starts the application several times, and from then on whenever
// one ends.
func (c *cluster) startInstances() error {
	ctx, stop := context.WithCancel(context.Background())
	var keepers sync.WaitGroup
	c.atEnd(func() {
		stop()
		keepers.Wait()
	})
	for i := range instances {
		addr, err := freeAddr()
		if err != nil {
			return err
		}
		p, err := run(fmt.Sprintf("instance %d", i+1), c.log, c.instance(addr), func() error { return healthy(addr) })
		if err != nil {
			return err
		}
		c.addrs, c.instances = append(c.addrs, addr), append(c.instances, p)
		keepers.Go(func() { p.keep(ctx) })
	}
	return nil
}

// instance is how one is started: the same program and the same environment
// everywhere, but for the address.
func (c *cluster) instance(addr string) func() *exec.Cmd {
	app := c.app(c.wecomURL)
	env := append(os.Environ(),
		"ADDR="+addr, "BASE_URL="+c.base, "REDIS_ADDR="+c.redisAddr, "WECOM_URL="+c.wecomURL,
		"WECOM_CORP_ID="+app.CorpID, "WECOM_AGENT_ID="+app.AgentID, "WECOM_SECRET="+app.Secret)
	return func() *exec.Cmd {
		cmd := exec.Command(c.program, "instance") // #nosec G204 -- ourselves
		cmd.Env = env
		return cmd
	}
}
