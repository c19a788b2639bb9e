package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// returnSecretView is a return secret at the only moment when it is shown.
type returnSecretView struct {
	Object        string     `json:"object" enum:"return_secret"`
	Livemode      bool       `json:"livemode"`
	Secret        string     `json:"secret" doc:"keep it: it is shown once; what follows rtsec_ is base64"`
	PreviousUntil *time.Time `json:"previous_until" doc:"until when the one before it signs as well; null: there was none"`
	CreatedAt     time.Time  `json:"created_at"`
}

func (a *API) returnOperations() {
	add(a, huma.Operation{
		OperationID: "rotate_return_secret", Method: http.MethodPost, Path: "/v1/merchant/rotate_return_secret", Tags: []string{"Merchant"}, DefaultStatus: http.StatusOK,
		Summary: "Make the secret that signs what customers take back to your site",
	}, a.rotateReturnSecret)
}

func (a *API) rotateReturnSecret(ctx context.Context, c *call, _ *struct{}) (*struct{ Body returnSecretView }, error) {
	by, err := a.actor(ctx, c)
	if err != nil {
		return nil, err
	}
	made, err := a.Issuer.RotateReturnSecret(ctx, by, c.claim)
	if err != nil {
		return nil, err
	}
	return &struct{ Body returnSecretView }{returnSecretView{"return_secret", c.Live, made.Text, timeOrNil(made.PreviousUntil), made.CreatedAt}}, nil
}
