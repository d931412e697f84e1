// Command cluster runs one protected application on several instances, as in
// production: nginx in front, sessions in one Redis, everything on this machine.
//
//	apt-get install --no-install-recommends nginx redis-server
//	cd examples/cluster && go run .
//
// It needs no WeCom account: a fake WeCom answers inside this process. The
// instances are processes of their own, which is this program again, started as
// "cluster instance": see instance.go for what an application has to do, and
// nginx.conf for the balancer.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const instances = 3

func main() {
	var err error
	if len(os.Args) == 2 && os.Args[1] == "instance" {
		err = instance(os.Getenv)
	} else {
		err = demonstrate()
	}
	if err != nil {
		log.Fatal(err)
	}
}

// demonstrate runs a cluster until a signal ends it.
func demonstrate() error {
	addr := flag.String("addr", "127.0.0.1:8080", "address of the balancer, on this machine")
	flag.Parse()
	program, err := os.Executable()
	if err != nil {
		return err
	}
	fake := wecomtest.New(wecomtest.Config{TrustedDomain: *addr})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := start(settings{addr: *addr, program: program, app: fake.AppAt, wecom: fake, log: os.Stderr})
	if err != nil {
		return err
	}
	defer c.stop()
	log.Printf("open %s/me", c.base)
	log.Printf("the header X-Upstream of each answer says which instance gave it")
	for i, p := range c.instances {
		log.Printf("instance %d is process %d: kill it as you like, and it comes back", i+1, p.pid())
	}
	<-ctx.Done()
	return nil
}
