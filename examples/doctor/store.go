package main

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core/redisstore"
	"github.com/wecomauth/wecomauth/core/wecom"
)

// redis opens the store as the service would, reads from it, and looks whether
// sessions and revocations stay where they are put.
func (p *patient) redis(ctx context.Context) finding {
	if p.redisURL == "" {
		return finding{what: say(
			"REDIS_URL is not set; other stores (PostgreSQL …) are not looked at",
			"未设置 REDIS_URL；不检查其他存储（PostgreSQL 等）")}
	}
	option, err := rueidis.ParseURL(p.redisURL)
	if err != nil { // its text repeats the address
		return finding{wrong, say("REDIS_URL is no address of a Redis", "REDIS_URL 不是 Redis 地址"), say(
			"Write redis://user:password@host:6379/0, or rediss:// for TLS; write % / ? # @ in a password as %25 %2F %3F %23 %40.",
			"格式为 redis://user:password@host:6379/0，TLS 用 rediss://；密码中的 % / ? # @ 须写作 %25 %2F %3F %23 %40。")}
	}
	found := make(chan finding, 1) // New has no context, and REDIS_URL may allow it hours
	go func() { found <- consult(ctx, option) }()
	select {
	case f := <-found:
		return f
	case <-ctx.Done():
		return redisTrouble(ctx.Err())
	}
}

func consult(ctx context.Context, option rueidis.ClientOption) finding {
	store, err := redisstore.New(redisstore.Config{ClientOption: option})
	if err != nil {
		return redisTrouble(err)
	}
	defer store.Close()
	if _, _, err := store.FindCtx(ctx, "doctor"); err != nil { // there is none, and none is made
		return redisTrouble(err)
	}
	switch policy := evictionPolicy(ctx, option); policy {
	case "noeviction":
		return fine(fact("maxmemory-policy noeviction"))
	case "":
		return finding{warning, say("Redis works; its maxmemory-policy cannot be read", "Redis 可用；无法读取 maxmemory-policy"), say(
			"See to it that maxmemory-policy is noeviction: this user may not ask (INFO).",
			"请确认 maxmemory-policy 为 noeviction：该用户无权查询（INFO）。")}
	default:
		return finding{wrong, fact("maxmemory-policy " + policy), say(
			"Redis may throw away sessions and revocations: set maxmemory-policy to noeviction.",
			"Redis 可能丢弃会话和吊销记录，请把 maxmemory-policy 设为 noeviction。")}
	}
}

// evictionPolicy asks INFO, which hosted services allow where they forbid CONFIG.
// It returns "" if that cannot be read.
func evictionPolicy(ctx context.Context, option rueidis.ClientOption) string {
	option.DisableCache, option.DisableRetry = true, true
	client, err := rueidis.NewClient(option)
	if err != nil {
		return ""
	}
	defer client.Close()
	info, err := client.Do(ctx, client.B().Info().Section("memory").Build()).ToString()
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(info, "\nmaxmemory_policy:")
	policy, _, _ := strings.Cut(rest, "\r\n")
	return policy
}

// redisTrouble prints of Redis's own errors the code only, because they may name
// the user, and of the network's the reason without the address, into which a
// password slips that is not escaped. Errors of redisstore and rueidis hold none.
func redisTrouble(err error) finding {
	reply, name, network := (*rueidis.RedisError)(nil), (*net.DNSError)(nil), (*net.OpError)(nil)
	switch text := err.Error(); {
	case errors.Is(err, rueidis.ErrNoCache):
		return unfit(say("this server grants no CLIENT TRACKING over RESP3", "该服务器不提供基于 RESP3 的 CLIENT TRACKING"))
	case strings.Contains(text, "Redis Cluster"):
		return unfit(say("this is a Redis Cluster", "这是 Redis 集群"))
	case strings.Contains(text, "redisstore: Config."):
		return unfit(fact(text))
	case errors.As(err, &reply):
		code, _, _ := strings.Cut(reply.Error(), " ")
		return refusedByRedis(code)
	case errors.As(err, &name):
		return away(name.Err)
	case errors.As(err, &network):
		return away(network.Err.Error())
	default:
		return away(text)
	}
}

func refusedByRedis(code string) finding {
	switch code {
	case "WRONGPASS", "NOAUTH":
		return finding{wrong, fact(code), say(
			"Redis refuses the user or the password: put the right ones into REDIS_URL, redis://user:password@…, with % / ? # @ as %25 %2F %3F %23 %40.",
			"Redis 拒绝了用户名或密码。请在 REDIS_URL 中写入正确的值：redis://user:password@…，其中 % / ? # @ 须写作 %25 %2F %3F %23 %40。")}
	case "NOPERM":
		return finding{wrong, fact(code), say(
			"Allow the Redis user what the package comment of core/redisstore lists. (The key that is read here is scs:session:doctor.)",
			"请为该 Redis 用户授予 core/redisstore 包注释中列出的权限。（此处读取的键是 scs:session:doctor。）")}
	}
	return finding{wrong, say("Redis answers "+code, "Redis 返回 "+code), say(
		"Look the code up in Redis's documentation and log; LOADING and BUSY pass.",
		"请在 Redis 文档和日志中查询该错误；LOADING 和 BUSY 会自行恢复。")}
}

func away(why string) finding {
	return finding{wrong, fact(why), say(
		"Redis cannot be reached: check the host and port of REDIS_URL, rediss:// if Redis wants TLS, its certificate, and that it accepts connections from here.",
		"无法连接 Redis。请检查 REDIS_URL 的主机名和端口（Redis 要求 TLS 时用 rediss://）、证书，并确认允许从本机连接。")}
}

func unfit(what wecom.Text) finding {
	return finding{wrong, what, say(
		"core/redisstore needs one Redis 6.2 or later, alone or with Sentinel: no cluster, no proxy that hides RESP3, a user with +client|tracking, and no protocol, client_cache or addr without master_set in REDIS_URL.",
		"core/redisstore 需要 6.2 或更高版本的 Redis，单机或 Sentinel：不支持集群和不透传 RESP3 的代理；用户须有 +client|tracking 权限；REDIS_URL 中不要写 protocol、client_cache，也不要只写 addr 而不写 master_set。")}
}
