package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// readAnswer reads one HTTP/1.1 answer and appends its body to body. It understands what Go's server
// writes: a length, or chunks without trailers.
func readAnswer(in *bufio.Reader, body []byte) (status int, _ []byte, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, body, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, body, fmt.Errorf("not an answer: %.40q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, body, err
	}
	length, chunked := 0, false
	for {
		if line, err = in.ReadSlice('\n'); err != nil {
			return status, body, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) { // the spelling of Go's server
		case "Content-Length":
			if length, err = strconv.Atoi(string(value)); err != nil {
				return status, body, err
			}
		case "Transfer-Encoding":
			chunked = true
		}
	}
	if !chunked {
		body, err = readBytes(in, body, length)
		return status, body, err
	}
	body, err = readChunks(in, body)
	return status, body, err
}

func readChunks(in *bufio.Reader, body []byte) ([]byte, error) {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return body, err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 24)
		if err != nil {
			return body, err
		}
		if body, err = readBytes(in, body, int(size)); err != nil {
			return body, err
		}
		if _, err = in.Discard(len("\r\n")); err != nil || size == 0 {
			return body, err
		}
	}
}

func readBytes(in *bufio.Reader, body []byte, n int) ([]byte, error) {
	from := len(body)
	if cap(body) < from+n {
		body = append(make([]byte, 0, 2*(from+n)), body...)
	}
	body = body[:from+n]
	_, err := io.ReadFull(in, body[from:])
	return body, err
}
