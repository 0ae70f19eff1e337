package telemetry

import "github.com/prometheus/client_golang/prometheus"

// subscriptions are the metrics of subscriptions.
type subscriptions struct {
	open  *prometheus.GaugeVec
	ended *prometheus.CounterVec
}

func newSubscriptions() subscriptions {
	return subscriptions{
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "tonggao_subscriptions_open", Help: "Subscriptions that are open, by transport.",
		}, []string{"transport"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tonggao_subscriptions_ended_total",
			Help: "Subscriptions that ended, by transport and why: complete, client, slow (cut off), token, stopping, error.",
		}, []string{"transport", "why"}),
	}
}

// SubscriptionBegan counts a subscription that began.
func (m *Metrics) SubscriptionBegan(transport string) {
	m.subscriptions.open.WithLabelValues(transport).Inc()
}

// SubscriptionEnded counts a subscription that ended.
func (m *Metrics) SubscriptionEnded(transport, why string) {
	m.subscriptions.open.WithLabelValues(transport).Dec()
	m.subscriptions.ended.WithLabelValues(transport, why).Inc()
}
