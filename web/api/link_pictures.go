package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"rsc.io/qr"

	"paylink"
	"paylink/token"
)

type picture struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (a *API) linkPictures() {
	about := func(kind, mime string) huma.Operation {
		return huma.Operation{
			OperationID: "get_payment_link_qr_" + kind, Method: http.MethodGet, Path: "/v1/payment_links/{id}/qr." + kind, Tags: []string{"Payment links"},
			Summary: "The link's URL as a QR code",
			Responses: map[string]*huma.Response{"200": {
				Description: "A picture, as secret as the URL in it.",
				Content:     map[string]*huma.MediaType{mime: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
			}},
		}
	}
	add(a, about("svg", "image/svg+xml"), func(ctx context.Context, c *call, in *LinkPath) (*picture, error) {
		code, err := a.qrCode(ctx, c, in.ID)
		if err != nil {
			return nil, err
		}
		return &picture{"image/svg+xml", drawSVG(code)}, nil
	})
	add(a, about("png", "image/png"), func(ctx context.Context, c *call, in *LinkPath) (*picture, error) {
		code, err := a.qrCode(ctx, c, in.ID)
		if err != nil {
			return nil, err
		}
		return &picture{"image/png", code.PNG()}, nil
	})
}

func (a *API) qrCode(ctx context.Context, c *call, id string) (*qr.Code, error) {
	l, err := a.Store.Read(ctx).Link(c.Merchant, c.Live, paylink.LinkID(id))
	if err != nil {
		return nil, err
	}
	code, err := token.CodeFor(a.Ring, l.CodeKey, l.CodeSlot)
	if err != nil {
		return nil, fmt.Errorf("draw link %s: %w", l.ID, err)
	}
	drawn, err := qr.Encode(a.PublicURL+"/"+code, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw link %s: %w", l.ID, err)
	}
	return drawn, nil
}

// quiet is the empty border that the QR standard asks for, in modules.
const quiet = 4

// drawSVG draws a code as one path, each run of dark modules a rectangle.
func drawSVG(code *qr.Code) []byte {
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	side := code.Size + 2*quiet
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="QR code of the payment link" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`, side*8, side*8, side, side, side, side, path.String())
}
