package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Event is an event of the state machine of a case.
type Event string

// The events. Those of a moderator are the decisions of reviewReport.
const (
	Filed       Event = "FILED"         // the report was filed; first event of every history
	Joined      Event = "JOINED"        // another report of the same target and kind was filed
	Accept      Event = "ACCEPT"        // a moderator works on the case
	AskMaterial Event = "ASK_MATERIAL"  // material is missing; the clock pauses
	AddMaterial Event = "ADD_MATERIAL"  // the reporter adds material
	Complete    Event = "COMPLETE"      // the reporter adds the last of the missing material
	Lapse       Event = "LAPSE"         // the missing material did not arrive in time
	TakeDown    Event = "TAKE_DOWN"     // the content is hidden and its publisher notified
	Uphold      Event = "UPHOLD"        // the report was justified; the content stays as it is
	Reject      Event = "REJECT"        // the report was not justified
	Counter     Event = "COUNTER"       // the publisher files a counter-notice
	Restore     Event = "RESTORE"       // the content is shown again
	PeriodOver  Event = "PERIOD_OVER"   // no lawsuit was filed after the counter-notice
	WentToCourt Event = "WENT_TO_COURT" // the reporter proves that a lawsuit was filed
	Appeal      Event = "APPEAL"        // the reporter objects to the rejection
	Withdraw    Event = "WITHDRAW"      // the reporter withdraws the report
	Reopen      Event = "REOPEN"        // a moderator reviews the case again
)

// MarshalGQL writes the GraphQL enum value.
func (e Event) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(e))) }

// UnmarshalGQL reads the GraphQL enum value; GraphQL has checked that it is one.
func (e *Event) UnmarshalGQL(v any) error {
	name, ok := v.(string)
	*e = Event(name)
	if !ok {
		return fmt.Errorf("%v is not a decision", v)
	}
	return nil
}

// lower returns e in lower case, for the names of alerts.
func (e Event) lower() string { return strings.ToLower(string(e)) }

// Actor is the cause of an event.
type Actor string

// The actors.
const (
	Reporter  Actor = "REPORTER"  // the holder of the receipt
	Moderator Actor = "MODERATOR" // a moderator
	Publisher Actor = "PUBLISHER" // the publisher of the content
	Clock     Actor = "CLOCK"     // the program, when a timer is due
)

// Track selects the rules that apply after a counter-notice.
type Track string

// The tracks.
const (
	Copyright Track = "COPYRIGHT" // 信息网络传播权保护条例, art. 14 to 17, 22 to 24: restored at once, no second notice
	Rights    Track = "RIGHTS"    // 民法典, art. 1194 to 1197: restored unless a lawsuit is filed in time
	Rules     Track = "RULES"     // the portal decides
)

// TrackOf returns the track of a kind of report.
func TrackOf(k report.Kind) Track {
	switch k {
	case report.KindCOPYRIGHT:
		return Copyright
	case report.KindPRIVACY, report.KindIMPERSONATION, report.KindRUMOUR:
		return Rights
	default:
		return Rules
	}
}

// Timer is the effect of a transition on the deadline.
type Timer string

// The timers.
const (
	Keeps   Timer = ""        // does not change it
	Pauses  Timer = "pauses"  // stops the clock while the reporter has to act
	Resumes Timer = "resumes" // restarts the clock with the working days that were left
	Ends    Timer = "ends"    // decides the case, in time or late
	Begins  Timer = "begins"  // sets a new deadline
)

// Transition is one row of the table of the state machine.
type Transition struct {
	From   []report.Status
	Event  Event
	By     Actor
	Tracks []Track // empty: all
	To     report.Status
	Timer  Timer
}

type states = []report.Status

var (
	untouched = states{report.StatusFILED, report.StatusACCEPTED}
	open      = states{report.StatusFILED, report.StatusACCEPTED, report.StatusNEEDS_MATERIAL}
)

// Table lists every transition of the state machine. Any other is refused; every state can
// be left. docs/reports.md has the same table, written by Markdown.
var Table = []Transition{
	{From: states{report.StatusFILED}, Event: Accept, By: Moderator, To: report.StatusACCEPTED},
	{From: untouched, Event: AskMaterial, By: Moderator, To: report.StatusNEEDS_MATERIAL, Timer: Pauses},
	{From: states{report.StatusNEEDS_MATERIAL}, Event: Complete, By: Reporter, To: report.StatusACCEPTED, Timer: Resumes},
	{From: states{report.StatusNEEDS_MATERIAL}, Event: AddMaterial, By: Reporter, To: report.StatusNEEDS_MATERIAL},
	{From: states{report.StatusNEEDS_MATERIAL}, Event: Accept, By: Moderator, To: report.StatusACCEPTED, Timer: Resumes},
	{From: states{report.StatusNEEDS_MATERIAL}, Event: Lapse, By: Clock, To: report.StatusREJECTED, Timer: Ends},
	{From: states{report.StatusFILED}, Event: AddMaterial, By: Reporter, To: report.StatusFILED},
	{From: states{report.StatusACCEPTED}, Event: AddMaterial, By: Reporter, To: report.StatusACCEPTED},
	{From: open, Event: TakeDown, By: Moderator, To: report.StatusMEASURES_TAKEN, Timer: Ends},
	{From: open, Event: Uphold, By: Moderator, To: report.StatusUPHELD, Timer: Ends},
	{From: open, Event: Reject, By: Moderator, To: report.StatusREJECTED, Timer: Ends},
	{From: open, Event: Withdraw, By: Reporter, To: report.StatusWITHDRAWN, Timer: Ends},

	{From: states{report.StatusMEASURES_TAKEN, report.StatusUPHELD}, Event: Counter, By: Publisher, To: report.StatusCOUNTERED, Timer: Begins},
	{From: states{report.StatusMEASURES_TAKEN}, Event: Uphold, By: Moderator, To: report.StatusUPHELD},
	{From: states{report.StatusMEASURES_TAKEN, report.StatusUPHELD}, Event: Restore, By: Moderator, To: report.StatusRESTORED},
	{From: states{report.StatusCOUNTERED}, Event: Restore, By: Moderator, To: report.StatusRESTORED, Timer: Ends},
	{From: states{report.StatusCOUNTERED}, Event: Uphold, By: Moderator, Tracks: []Track{Rules}, To: report.StatusUPHELD, Timer: Ends},
	{From: states{report.StatusCOUNTERED}, Event: WentToCourt, By: Reporter, Tracks: []Track{Rights}, To: report.StatusUPHELD, Timer: Ends},
	{From: states{report.StatusCOUNTERED}, Event: PeriodOver, By: Clock, Tracks: []Track{Rights}, To: report.StatusRESTORED, Timer: Ends},

	{From: states{report.StatusREJECTED}, Event: Appeal, By: Reporter, To: report.StatusACCEPTED, Timer: Begins},
	{From: states{report.StatusREJECTED, report.StatusWITHDRAWN, report.StatusRESTORED}, Event: Reopen, By: Moderator, To: report.StatusACCEPTED, Timer: Begins},
}

// Next returns the transition of a case of the kind from a state by an event. The error
// lists the events that the actor could cause instead.
func Next(from report.Status, kind report.Kind, event Event, by Actor) (Transition, error) {
	track := TrackOf(kind)
	var possible []Event
	for _, t := range Table {
		if !slices.Contains(t.From, from) || len(t.Tracks) > 0 && !slices.Contains(t.Tracks, track) {
			continue
		}
		if t.Event == event && t.By == by {
			return t, nil
		}
		if t.By == by {
			possible = append(possible, t.Event)
		}
	}
	instead := "you can do nothing now"
	if len(possible) > 0 {
		instead = "possible now: " + join(possible)
	}
	return Transition{}, fault.New(fault.Conflict, "a report that is %s cannot get %s; %s", from, event, instead)
}

// IsOpen reports whether a case in the state waits for a moderator, so that its deadline
// runs.
func IsOpen(s report.Status) bool { return slices.Contains(awaitingModerator, s) }

// Markdown returns Table for docs/reports.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| from | event | by | to | deadline | only |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, t := range Table {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", join(t.From), t.Event, t.By, t.To, t.Timer, join(t.Tracks))
	}
	return b.String()
}

// join returns the values, separated by commas.
func join[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, ", ")
}
