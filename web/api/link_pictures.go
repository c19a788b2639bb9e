package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/token"
	"paylink/web/qr"
)

type picture struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (a *API) linkPictures() {
	about := func(kind, mime string) huma.Operation {
		return huma.Operation{
			OperationID: "get_payment_link_qr_" + kind, Method: http.MethodGet, Path: "/v1/payment_links/{id}/qr." + kind, Tags: []string{"Payment links"},
			Summary: "The link's URL as a QR code, " + strings.ToUpper(kind),
			Responses: map[string]*huma.Response{"200": {
				Description: "A picture, as secret as the URL in it.",
				Content:     map[string]*huma.MediaType{mime: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
			}},
		}
	}
	add(a, about("svg", "image/svg+xml"), func(ctx context.Context, c *call, in *LinkPath) (*picture, error) {
		address, err := a.address(ctx, c, in.ID)
		if err != nil {
			return nil, err
		}
		code, err := qr.Draw(address)
		return &picture{"image/svg+xml", code.SVG("QR code of the payment link")}, err
	})
	add(a, about("png", "image/png"), func(ctx context.Context, c *call, in *LinkPath) (*picture, error) {
		address, err := a.address(ctx, c, in.ID)
		if err != nil {
			return nil, err
		}
		drawn, err := qr.PNG(address)
		return &picture{"image/png", drawn}, err
	})
}

// address is the link's URL.
func (a *API) address(ctx context.Context, c *call, id string) (string, error) {
	l, err := a.Store.Read(ctx).Link(c.Merchant, c.Live, paylink.LinkID(id))
	if err != nil {
		return "", err
	}
	return a.linkURL(l)
}

// linkURL opens the link's payment page.
func (a *API) linkURL(l paylink.Link) (string, error) {
	code, err := token.CodeFor(a.Ring, l.CodeKey, l.CodeSlot)
	if err != nil {
		return "", fmt.Errorf("write the URL of link %s: %w", l.ID, err)
	}
	return a.PublicURL + "/" + code, nil
}
