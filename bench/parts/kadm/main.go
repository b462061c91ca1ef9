// One reading of every group and every partition with franz-go's kadm: what bench/lag.ts compares Waybill's reading with.
// The same questions: groups, committed offsets of all of them, and for every topic the end, the stable end and the start.
// Prints one JSON line: medians of the runs after one to warm up.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

type counter struct{ requests atomic.Int64 }

func (c *counter) OnBrokerWrite(kgo.BrokerMetadata, int16, int, time.Duration, time.Duration, error) {
	c.requests.Add(1)
}

func cpu() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	brokers := flag.String("brokers", "127.0.0.1:9092", "host:port, several divided by commas")
	runs := flag.Int("runs", 5, "how many readings")
	flag.Parse()
	count := &counter{}
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(*brokers, ",")...), kgo.WithHooks(count))
	if err != nil {
		fail(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()

	var wall, used, requests []float64
	partitions := 0
	for run := 0; run <= *runs; run++ {
		started, before, sent := time.Now(), cpu(), count.requests.Load()
		groups, err := admin.ListGroups(ctx)
		if err != nil {
			fail(err)
		}
		committed := admin.FetchManyOffsets(ctx, groups.Groups()...)
		partitions = 0
		for _, group := range committed {
			if group.Err != nil {
				fail(group.Err)
			}
			for _, topic := range group.Fetched {
				partitions += len(topic)
			}
		}
		if _, err := admin.ListEndOffsets(ctx); err != nil {
			fail(err)
		}
		if _, err := admin.ListCommittedOffsets(ctx); err != nil {
			fail(err)
		}
		if _, err := admin.ListStartOffsets(ctx); err != nil {
			fail(err)
		}
		if run > 0 {
			wall = append(wall, float64(time.Since(started).Milliseconds()))
			used = append(used, float64((cpu() - before).Milliseconds()))
			requests = append(requests, float64(count.requests.Load()-sent))
		}
	}
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	line, _ := json.Marshal(map[string]any{"ms": median(wall), "cpuMs": median(used), "requests": median(requests), "groupPartitions": partitions, "peakRssMb": usage.Maxrss * 1024 / 1_000_000})
	fmt.Println(string(line))
}

func median(values []float64) float64 {
	sorted := append([]float64{}, values...)
	sort.Float64s(sorted)
	return sorted[len(sorted)/2]
}
