package dashboard

import (
	"errors"
	"net/http"
	"time"

	"paylink"
	"paylink/inbox"
	"paylink/token"
)

// notifications is the page of the devices on which one of the merchant's people is told of what happens.
type notifications struct {
	frame
	Note    *remark
	Key     string // what a browser subscribes with
	Problem string // why the form was not taken; empty: it was, or there was none
	Here    paylink.DeviceID
	Devices []deviceRow
}

type deviceRow struct {
	ID      paylink.DeviceID
	Browser string
	Since   when
	Here    bool // it is the browser that asks
}

// workerPolicy is the dashboard's policy for the one page that starts a service worker: a browser takes its address
// from a policy for trusted types only.
const workerPolicy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types paylink-worker"

// Notifications shows the devices of whoever is signed in: GET /dashboard/{mode}/settings/notifications.
func (d *Dashboard) Notifications(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		return d.showNotifications(w, r, s, http.StatusOK, notifications{})
	})
}

// NotifyDevice takes the browser's subscription: POST /dashboard/{mode}/settings/notifications. A cookie keeps which of
// the devices this browser is.
func (d *Dashboard) NotifyDevice(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		made, err := d.Devices.RegisterMember(r.Context(), s.member(), r.PostForm.Get("subscription"))
		var invalid *paylink.Invalid
		if errors.As(err, &invalid) {
			return d.showNotifications(w, r, s, http.StatusUnprocessableEntity, notifications{
				Problem: "Your browser did not say where it can be reached. Nothing was changed; press the button once more.",
			})
		}
		if err != nil {
			return err
		}
		http.SetCookie(w, d.deviceCookie(s, string(made.ID), int((400*24*time.Hour).Seconds())))
		d.goToSettings(w, r, s, "device_on", "notifications")
		return nil
	})
}

// RemoveDevice tells a device nothing any more: POST /dashboard/{mode}/settings/notifications/{id}/remove. One that
// is gone already is as removed.
func (d *Dashboard) RemoveDevice(w http.ResponseWriter, r *http.Request) {
	d.enter(w, r, func(w http.ResponseWriter, r *http.Request, s scene) error {
		id := paylink.DeviceID(r.PathValue("id"))
		if err := d.Devices.RemoveMember(r.Context(), s.member(), id); err != nil && !paylink.IsNotFound(err) {
			return err
		}
		if d.thisDevice(r, s) == id {
			http.SetCookie(w, d.deviceCookie(s, "", -1))
		}
		d.goToSettings(w, r, s, "device_off", "notifications")
		return nil
	})
}

func (d *Dashboard) showNotifications(w http.ResponseWriter, r *http.Request, s scene, status int, v notifications) error {
	var err error
	if v.frame, v.Note, err = d.settingsFrame(r, s, "Notifications", "notifications"); err != nil {
		return err
	}
	if v.Key, err = d.Notify.PushKey(r.Context(), s.Merchant.ID); err != nil {
		return err
	}
	all, err := d.Devices.MemberDevices(r.Context(), s.member())
	if err != nil {
		return err
	}
	here := d.thisDevice(r, s)
	for _, device := range all {
		said, err := token.OpenDevice(d.Ring, device)
		if err != nil {
			return err
		}
		row := deviceRow{ID: device.ID, Browser: browserOf(said), Since: s.when(device.CreatedAt, s.Now), Here: device.ID == here}
		if row.Here {
			v.Here = device.ID
		}
		v.Devices = append(v.Devices, row)
	}
	w.Header().Set("Content-Security-Policy", workerPolicy)
	return d.render(w, r, status, notificationsPage(v))
}

func (s scene) member() inbox.Member {
	return inbox.Member{Merchant: s.Merchant.ID, Live: s.Live, Staff: s.Staff}
}

// thisDevice is which device the browser was registered as; empty when it was not. It may be somebody else's, or gone.
func (d *Dashboard) thisDevice(r *http.Request, s scene) paylink.DeviceID {
	c, err := r.Cookie("paylink_device_" + s.mode())
	if err != nil {
		return ""
	}
	return paylink.DeviceID(c.Value)
}

// deviceCookie tells this browser from the person's others, on the page of them only.
func (d *Dashboard) deviceCookie(s scene, id string, age int) *http.Cookie {
	return &http.Cookie{
		Name: "paylink_device_" + s.mode(), Value: id, Path: s.path("settings", "notifications"), MaxAge: age,
		HttpOnly: true, Secure: d.Secure, SameSite: http.SameSiteLaxMode,
	}
}
