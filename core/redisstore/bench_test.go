package redisstore_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"
)

// BenchmarkWarmFind reads sessions that are in memory. Run it with -cpu 1,2.
func BenchmarkWarmFind(b *testing.B) {
	redis := redisServer(b)
	s := redis.open(nil)
	tokens := make([]string, 1000)
	for i := range tokens {
		tokens[i] = fmt.Sprintf("%043d", i)
		redis.do("SET", "scs:session:"+tokens[i], fmt.Sprintf("%0200d", i), "EX", "3600")
		wantFind(b, s, tokens[i], fmt.Sprintf("%0200d", i))
	}
	read := func(b *testing.B, pick func(i int) string) {
		b.ReportAllocs()
		var starts atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			for i := int(starts.Add(1)) * 499; pb.Next(); i++ {
				if _, found, err := s.Find(pick(i)); err != nil || !found {
					b.Error("not found", err)
					return
				}
			}
		})
	}
	b.Run("many sessions", func(b *testing.B) { read(b, func(i int) string { return tokens[i%len(tokens)] }) })
	b.Run("one session", func(b *testing.B) { read(b, func(int) string { return tokens[0] }) })
}

// BenchmarkDoCache is the same by rueidis's own copies, for comparison.
func BenchmarkDoCache(b *testing.B) {
	redis := redisServer(b)
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{redis.addr}})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = fmt.Sprintf("scs:session:%043d", i)
		redis.do("SET", keys[i], fmt.Sprintf("%0200d", i), "EX", "3600")
	}
	b.ReportAllocs()
	var starts atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for i := int(starts.Add(1)) * 499; pb.Next(); i++ {
			if _, err := c.DoCache(context.Background(), c.B().Get().Key(keys[i%len(keys)]).Cache(), time.Hour).AsBytes(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
