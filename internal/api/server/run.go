package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Run serves until ctx ends, then shuts down gracefully: readiness fails first, and running
// requests are finished.
func (s *Server) Run(ctx context.Context) error {
	servers := []*http.Server{s.httpServer(s.routes(), s.options.Timeouts.Write)}
	listeners := []net.Listener{s.public}
	if s.admin != nil {
		servers = append(servers, s.httpServer(s.adminRoutes(), 0)) // profiles take long
		listeners = append(listeners, s.admin)
	}
	failed := make(chan error, len(servers))
	for i, srv := range servers {
		go func() { failed <- srv.Serve(listeners[i]) }()
	}
	select {
	case err := <-failed:
		return errors.Join(fmt.Errorf("serve: %w", err), closeAll(servers))
	case <-ctx.Done():
	}
	s.draining.Store(true)
	if s.options.DrainPause > 0 {
		<-s.options.After(s.options.DrainPause) // load balancers see that readiness fails
	}
	return s.stop(context.WithoutCancel(ctx), servers)
}

// stop lets the public server finish its requests and streams. The admin server serves
// metrics until the end and is not waited for.
func (s *Server) stop(ctx context.Context, servers []*http.Server) error {
	limit := s.options.Timeouts.Stop
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.options.EndStreams(ctx) }()
	err := errors.Join(servers[0].Shutdown(ctx), <-ended)
	if err != nil {
		err = fmt.Errorf("stop: some requests were not finished within %s and were cut off: %w", limit, err)
	}
	return errors.Join(err, closeAll(servers))
}

// closeAll closes all connections at once.
func closeAll(servers []*http.Server) (err error) {
	for _, srv := range servers {
		err = errors.Join(err, srv.Close())
	}
	return err
}

func (s *Server) httpServer(h http.Handler, write time.Duration) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: s.options.Timeouts.Header,
		ReadTimeout:       s.options.Timeouts.Read,
		WriteTimeout:      write,
		IdleTimeout:       s.options.Timeouts.Idle,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.options.Logger.Handler(), slog.LevelWarn),
	}
}
