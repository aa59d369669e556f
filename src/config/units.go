package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// units are what sizes and times may be given in.
var sizeUnits = map[string]float64{
	"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30,
}

var timeUnits = map[string]float64{
	"s": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400, "week": 604800,
}

// amount is a setting with a unit: a text such as "1 GiB", or a number.
type amount struct{ text string }

func (a *amount) UnmarshalTOML(v any) error {
	a.text = fmt.Sprint(v)
	return nil
}

// split returns the number and the unit, in lower case.
func (a amount) split() (float64, string, error) {
	s := strings.ToLower(strings.TrimSpace(a.text))
	i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if i < 0 {
		i = len(s)
	}
	n, err := strconv.ParseFloat(s[:i], 64)
	return n, strings.TrimSpace(s[i:]), err
}

// bytes returns a size.
func (a amount) bytes() (int64, bool) {
	n, unit, err := a.split()
	f, ok := sizeUnits[unit]
	if err != nil || !ok || n*f > math.MaxInt64/4 {
		return 0, false
	}
	return int64(n * f), true
}

// duration returns a time. A number alone would be anybody's guess.
func (a amount) duration() (time.Duration, bool) {
	n, unit, err := a.split()
	f, ok := timeUnits[unit]
	if !ok {
		f, ok = timeUnits[strings.TrimSuffix(unit, "s")]
		ok = ok && len(unit) > 2 // "days", and not "ms"
	}
	if err != nil || !ok || n*f > 10*365*86400 {
		return 0, false
	}
	return time.Duration(n * f * float64(time.Second)), true
}
