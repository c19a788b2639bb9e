package routing

import (
	"strconv"
	"strings"

	"paylink"
)

// What stands in the usual fields of an account was judged by their patterns when it was connected; what still
// cannot be read says nothing.

// named tells whether a list names something; an empty list names everything.
func named(list, what string) bool {
	if list == "" {
		return true
	}
	for _, one := range strings.Split(list, ",") {
		if strings.TrimSpace(one) == what {
			return true
		}
	}
	return false
}

// entry finds "key=value" in a list.
func entry(list, key string) (value string, found bool) {
	for _, one := range strings.Split(list, ",") {
		if name, value, ok := strings.Cut(strings.TrimSpace(one), "="); ok && name == key {
			return value, true
		}
	}
	return "", false
}

// within tells whether an amount lies within the bounds of its currency, where there are some. 0 is an amount
// that is not known yet.
func within(list string, amount paylink.Money) bool {
	bounds, ok := entry(list, string(amount.Currency))
	if !ok || amount.Minor == 0 {
		return true
	}
	from, to, _ := strings.Cut(bounds, "-")
	if least, err := strconv.ParseInt(from, 10, 64); err == nil && amount.Minor < least {
		return false
	}
	most, err := strconv.ParseInt(to, 10, 64)
	return err != nil || amount.Minor <= most
}

// Cost is what a payment of so many minor units by the method costs at an account with the fees, in minor units,
// rounded up, if that is known.
func Cost(fees string, m paylink.Method, minor int64) (cost int64, known bool) {
	said, ok := entry(fees, string(m))
	if !ok {
		said, ok = entry(fees, "any")
	}
	if !ok {
		return 0, false
	}
	points, fixed, _ := strings.Cut(said, "+")
	share, err := strconv.ParseInt(points, 10, 64)
	if err != nil || share > 10_000 {
		return 0, false
	}
	beside, _ := strconv.ParseInt(fixed, 10, 64)
	return (minor*share+9_999)/10_000 + beside, true
}

// weight is an account's share; 1 where nothing is said.
func weight(share string) uint64 {
	if n, err := strconv.ParseUint(share, 10, 16); err == nil {
		return n
	}
	return 1
}
