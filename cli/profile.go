package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// Profile is one kept server.
type Profile struct {
	Server    string `json:"server"`
	Key       string `json:"key"`
	PlainHTTP bool   `json:"plain_http,omitempty"`
	Sandbox   string `json:"sandbox,omitempty"` // of a pretend world that is a process of its own
}

var profileName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// profilePath is where a profile is kept: in the caller's configuration folder, a file each.
func profilePath(name string) (string, error) {
	if !profileName.MatchString(name) {
		return "", usage("the profile %q is no name: small letters, digits, - and _", name)
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find your configuration folder: %w", err)
	}
	return filepath.Join(dir, "paylink", "profiles", name+".json"), nil
}

// readProfile refuses a file that others can read: the key in it has to be replaced, not used.
func readProfile(name string) (p Profile, err error) {
	path, err := profilePath(name)
	if err != nil {
		return p, err
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, usage("no server is kept as %q; begin with: paylink login", name)
	}
	if err != nil {
		return p, fmt.Errorf("read the profile: %w", err)
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return p, fmt.Errorf("read the profile: %w", err)
	}
	if about.Mode().Perm()&0o077 != 0 {
		return p, fmt.Errorf("others can read %s: replace its key in the dashboard, then chmod 600", path)
	}
	if err := json.NewDecoder(file).Decode(&p); err != nil {
		return p, fmt.Errorf("%s is no profile; write it anew with: paylink login", path)
	}
	return p, nil
}

// writeProfile writes the file whole or not at all, for nobody else to read.
func writeProfile(name string, p Profile) (path string, err error) {
	if path, err = profilePath(name); err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("write the profile: %w", err)
	}
	part, err := os.CreateTemp(filepath.Dir(path), name+".*.part") // 0600
	if err != nil {
		return "", fmt.Errorf("write the profile: %w", err)
	}
	defer os.Remove(part.Name()) // there is none after the rename
	_, err = part.Write(append(text, '\n'))
	if err = errors.Join(err, part.Close()); err == nil {
		err = os.Rename(part.Name(), path)
	}
	if err != nil {
		return "", fmt.Errorf("write the profile: %w", err)
	}
	return path, nil
}
