package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tonggao/tonggao/internal/api/responsecache"
)

// WatchResponseCache adds what the cache of answers does and holds.
func (m *Metrics) WatchResponseCache(stats func() responsecache.Stats) {
	m.registry.MustRegister(responses{stats})
}

// Hit counts an operation that was answered from the cache.
func (m *Metrics) Hit(took time.Duration) {
	m.operations.WithLabelValues("query", "OK").Observe(took.Seconds())
}

// responses collects the state of the cache of answers.
type responses struct {
	stats func() responsecache.Stats
}

var (
	responseRequests    = prometheus.NewDesc("tonggao_response_cache_requests_total", "Anonymous queries, by result: hit (answered from memory), wait (computed by a request at the same time), miss (executed).", []string{"result"}, nil)
	responseInvalidated = prometheus.NewDesc("tonggao_response_cache_invalidations_total", "Kept answers that a request found out of date.", nil, nil)
	responseEvicted     = prometheus.NewDesc("tonggao_response_cache_evictions_total", "Answers that were dropped because the cache was full.", nil, nil)
	responseAnswers     = prometheus.NewDesc("tonggao_response_cache_answers", "Answers in the cache.", nil, nil)
	responseBytes       = prometheus.NewDesc("tonggao_response_cache_bytes", "Bytes of the answers in the cache.", nil, nil)
)

// Describe implements prometheus.Collector.
func (r responses) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{responseRequests, responseInvalidated, responseEvicted, responseAnswers, responseBytes} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (r responses) Collect(to chan<- prometheus.Metric) {
	s := r.stats()
	for result, n := range map[string]int64{"hit": s.Hits - s.Waits, "wait": s.Waits, "miss": s.Misses - s.Waits} {
		to <- prometheus.MustNewConstMetric(responseRequests, prometheus.CounterValue, float64(n), result)
	}
	to <- prometheus.MustNewConstMetric(responseInvalidated, prometheus.CounterValue, float64(s.Invalidated))
	to <- prometheus.MustNewConstMetric(responseEvicted, prometheus.CounterValue, float64(s.Evicted))
	to <- prometheus.MustNewConstMetric(responseAnswers, prometheus.GaugeValue, float64(s.Answers))
	to <- prometheus.MustNewConstMetric(responseBytes, prometheus.GaugeValue, float64(s.Bytes))
}
