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

// Event is something that moves a case on.
type Event string

// The events. Those of a moderator are the decisions of reviewReport.
const (
	Filed       Event = "FILED"         // the report came in; begins every history
	Joined      Event = "JOINED"        // another report of the same came in
	Accept      Event = "ACCEPT"        // the case is being looked into
	AskMaterial Event = "ASK_MATERIAL"  // something is missing; the clock stands still
	AddMaterial Event = "ADD_MATERIAL"  // the reporter hands something in
	Complete    Event = "COMPLETE"      // the reporter hands in the last that was missing
	Lapse       Event = "LAPSE"         // what was missing did not come in time
	TakeDown    Event = "TAKE_DOWN"     // the content is hidden, its publisher is told
	Uphold      Event = "UPHOLD"        // the report was right, and it stays at that
	Reject      Event = "REJECT"        // the report was not right
	Counter     Event = "COUNTER"       // the publisher objects
	Restore     Event = "RESTORE"       // the content is shown again
	PeriodOver  Event = "PERIOD_OVER"   // nobody went to court after the objection
	WentToCourt Event = "WENT_TO_COURT" // the reporter proves that somebody did
	Appeal      Event = "APPEAL"        // the reporter objects to the rejection
	Withdraw    Event = "WITHDRAW"      // the reporter takes the report back
	Reopen      Event = "REOPEN"        // a moderator looks again
)

// MarshalGQL writes the GraphQL enum value.
func (e Event) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(e))) }

// UnmarshalGQL reads the GraphQL enum value; GraphQL has checked that it is one.
func (e *Event) UnmarshalGQL(v any) error {
	name, ok := v.(string)
	*e = Event(name)
	if !ok {
		return fmt.Errorf("%v is no decision", v)
	}
	return nil
}

func (e Event) lower() string { return strings.ToLower(string(e)) }

// Actor is who may cause an event.
type Actor string

// The actors.
const (
	Reporter  Actor = "REPORTER"  // whoever holds the receipt
	Moderator Actor = "MODERATOR" // a moderator
	Publisher Actor = "PUBLISHER" // the publisher of the content
	Clock     Actor = "CLOCK"     // the program, when a time has come
)

// Track is which law's way a case goes after an objection.
type Track string

// The tracks.
const (
	Copyright Track = "COPYRIGHT" // 信息网络传播权保护条例, art. 14 to 17, 22 to 24: restored at once, no second notice
	Rights    Track = "RIGHTS"    // 民法典, art. 1194 to 1197: restored unless somebody goes to court in time
	Rules     Track = "RULES"     // the portal's own word
)

// TrackOf is the track of a kind of report.
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

// Timer is what a transition does to the deadline.
type Timer string

// The timers.
const (
	Keeps   Timer = ""       // the deadline stays as it is
	Pauses  Timer = "pauses" // it stands still while the reporter has to act
	Resumes Timer = "resumes"
	Ends    Timer = "ends"   // the promise is kept, or was not
	Begins  Timer = "begins" // a new one begins
)

// Transition is one line of the table by which all cases go.
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

// Table is every way that a case can go. docs/reports.md is made from it. What is
// not here does not happen; a case can leave every state.
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

// Next is where event by actor takes a case of kind that stands at from. The error
// says what could be done instead.
func Next(from report.Status, kind report.Kind, event Event, by Actor) (Transition, error) {
	track := TrackOf(kind)
	var could []string
	for _, t := range Table {
		if !slices.Contains(t.From, from) || len(t.Tracks) > 0 && !slices.Contains(t.Tracks, track) {
			continue
		}
		if t.Event == event && t.By == by {
			return t, nil
		}
		if t.By == by {
			could = append(could, string(t.Event))
		}
	}
	instead := "nothing is open to you here"
	if len(could) > 0 {
		instead = "possible now: " + strings.Join(could, ", ")
	}
	return Transition{}, fault.New(fault.Conflict, "a report that is %s cannot get %s; %s", from, event, instead)
}

// IsOpen reports whether a case in this state waits for the moderators and its
// deadline runs.
func IsOpen(s report.Status) bool {
	return s == report.StatusFILED || s == report.StatusACCEPTED || s == report.StatusCOUNTERED
}

// Markdown is the table for docs/reports.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| from | event | by | to | deadline | only |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, t := range Table {
		from := make([]string, len(t.From))
		for i, s := range t.From {
			from[i] = string(s)
		}
		var only []string
		for _, track := range t.Tracks {
			only = append(only, string(track))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", strings.Join(from, ", "), t.Event, t.By, t.To, t.Timer, strings.Join(only, ", "))
	}
	return b.String()
}
