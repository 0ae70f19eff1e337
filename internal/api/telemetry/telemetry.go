// Package telemetry has the Prometheus metrics of the program: HTTP requests, GraphQL
// operations, SQL statements, webhooks, reports, uploads and subscriptions. The values of labels
// are from closed sets, never from a client's input, so a client cannot make their number grow.
package telemetry

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tonggao/tonggao/internal/store"
)

// Metrics has the metrics of the program.
type Metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.HistogramVec
	operations *prometheus.HistogramVec
	statements *prometheus.CounterVec
	cost       prometheus.Histogram
	webhooks   *prometheus.HistogramVec
	paused     *prometheus.CounterVec
	waiting    prometheus.Gauge
	dueSoon    prometheus.Gauge
	overdue    prometheus.Gauge
	escalated  prometheus.Gauge
	uploads    *prometheus.CounterVec
	uploaded   prometheus.Counter

	subscriptions subscriptions
}

var seconds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// New returns the metrics of a program of that version.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), subscriptions: newSubscriptions(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tonggao_http_request_seconds", Help: "HTTP requests by route and status.", Buckets: seconds,
		}, []string{"route", "status"}),
		operations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tonggao_graphql_operation_seconds", Help: "GraphQL operations by type and code: OK, or that of the first error.", Buckets: seconds,
		}, []string{"type", "code"}),
		statements: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tonggao_sql_statements_total", Help: "SQL statements by verb.",
		}, []string{"verb"}),
		cost: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tonggao_graphql_operation_cost", Help: "Cost of GraphQL operations, in points.",
			Buckets: prometheus.ExponentialBuckets(1, 4, 8),
		}),
		webhooks: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tonggao_webhook_attempt_seconds", Help: "Attempts to deliver an event to a webhook, by outcome.", Buckets: seconds,
		}, []string{"outcome"}),
		paused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tonggao_webhook_stops_total", Help: "Webhooks that were stopped, by reason: FAILED, GONE, OWNER, SECRET, TOO_OLD.",
		}, []string{"why"}),
	}
	m.waiting = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tonggao_reports_waiting", Help: "Reports that wait for the moderators.",
	})
	m.dueSoon = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tonggao_reports_due_soon", Help: "Of those, how many have less than a day left.",
	})
	m.overdue = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tonggao_reports_overdue", Help: "Of those, how many are past their deadline.",
	})
	m.escalated = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tonggao_reports_escalated", Help: "Of those, how many have been past their deadline for a working day.",
	})
	m.uploads = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tonggao_uploads_total", Help: "Uploads of pictures by code: OK, or that of the error.",
	}, []string{"code"})
	m.uploaded = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "tonggao_upload_bytes_total", Help: "Bytes of all files of uploaded pictures.",
	})
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "tonggao_build_info", Help: "Always 1; the version is the label."}, []string{"version"})
	info.WithLabelValues(version).Set(1)
	m.registry.MustRegister(m.requests, m.operations, m.statements, m.cost, m.webhooks, m.paused, m.waiting, m.dueSoon, m.overdue, m.escalated, m.uploads, m.uploaded, info,
		m.subscriptions.open, m.subscriptions.ended,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Watch adds the ages of background loops, since the end of their last round, and the free
// space of the disk of the database where that is known.
func (m *Metrics) Watch(ages func() map[string]time.Duration, free func() (bytes uint64, ok bool), files func() (bytes, limit int64)) {
	m.registry.MustRegister(loopAges{ages}, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tonggao_report_file_bytes", Help: "Bytes of the files of undecided reports.",
	}, func() float64 {
		bytes, _ := files()
		return float64(bytes)
	}), prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tonggao_report_file_limit_bytes", Help: "How many bytes the files of undecided reports may have; 0: no limit.",
	}, func() float64 {
		_, limit := files()
		return float64(limit)
	}))
	if _, ok := free(); ok {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "tonggao_database_free_bytes", Help: "Free space on the disk of the SQLite database.",
		}, func() float64 {
			bytes, _ := free()
			return float64(bytes)
		}))
	}
}

// WatchSchedule adds how many articles are due and could not be published or expired.
func (m *Metrics) WatchSchedule(failing func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tonggao_scheduled_articles_failing", Help: "Scheduled articles whose time has come and that could not be published or expired; the log says why.",
	}, func() float64 { return float64(failing()) }))
}

// loopAges collects the ages of background loops.
type loopAges struct {
	ages func() map[string]time.Duration
}

var loopAge = prometheus.NewDesc("tonggao_background_age_seconds", "Time since the last round of a background loop ended.", []string{"loop"}, nil)

// Describe implements prometheus.Collector.
func (l loopAges) Describe(to chan<- *prometheus.Desc) { to <- loopAge }

// Collect implements prometheus.Collector.
func (l loopAges) Collect(to chan<- prometheus.Metric) {
	for name, age := range l.ages() {
		to <- prometheus.MustNewConstMetric(loopAge, prometheus.GaugeValue, age.Seconds(), name)
	}
}

// WatchStandbys adds the lag of each standby, and how many statements failed on it.
func (m *Metrics) WatchStandbys(list func() []store.Standby) { m.registry.MustRegister(standbys{list}) }

// standbys collects the state of the standbys.
type standbys struct {
	list func() []store.Standby
}

var (
	standbyLag   = prometheus.NewDesc("tonggao_replica_lag_seconds", "Everything that was committed longer ago is on the standby; +Inf: not known.", []string{"replica"}, nil)
	standbyReads = prometheus.NewDesc("tonggao_replica_reads", "1 if the standby gets reads, or else 0.", []string{"replica"}, nil)
	standbyFails = prometheus.NewDesc("tonggao_replica_fallbacks_total", "Statements that failed on the standby and were answered by the primary.", []string{"replica"}, nil)
)

// Describe implements prometheus.Collector.
func (s standbys) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{standbyLag, standbyReads, standbyFails} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (s standbys) Collect(to chan<- prometheus.Metric) {
	for _, one := range s.list() {
		lag, reads := math.Inf(1), 0.0
		if one.Lag < math.MaxInt64 {
			lag = one.Lag.Seconds()
		}
		if one.Reads {
			reads = 1
		}
		to <- prometheus.MustNewConstMetric(standbyLag, prometheus.GaugeValue, lag, one.Name)
		to <- prometheus.MustNewConstMetric(standbyReads, prometheus.GaugeValue, reads, one.Name)
		to <- prometheus.MustNewConstMetric(standbyFails, prometheus.CounterValue, float64(one.Fallbacks), one.Name)
	}
}

// Handler returns the handler that Prometheus scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Request observes one HTTP request. Route is the pattern that it matched; requests without
// one are counted together.
func (m *Metrics) Request(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Reports sets how many reports wait for the moderators, and how many of them are due soon,
// overdue, and overdue for a working day (escalated, and overdue as well).
func (m *Metrics) Reports(waiting, dueSoon, overdue, escalated int) {
	m.waiting.Set(float64(waiting))
	m.dueSoon.Set(float64(dueSoon))
	m.overdue.Set(float64(overdue))
	m.escalated.Set(float64(escalated))
}

// Upload counts one upload and the bytes stored for it.
func (m *Metrics) Upload(code string, bytes int64) {
	m.uploads.WithLabelValues(code).Inc()
	m.uploaded.Add(float64(bytes))
}

// Statement counts one SQL statement.
func (m *Metrics) Statement(query string) {
	verb, _, _ := strings.Cut(query, " ")
	switch verb {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
	default:
		verb = "other"
	}
	m.statements.WithLabelValues(verb).Inc()
}

// Webhook observes one attempt to deliver an event.
func (m *Metrics) Webhook(outcome string, took time.Duration) {
	m.webhooks.WithLabelValues(outcome).Observe(took.Seconds())
}

// WebhookStopped counts a webhook that was stopped.
func (m *Metrics) WebhookStopped(why string) { m.paused.WithLabelValues(why).Inc() }
