package paypage

import (
	"embed"
	"io/fs"

	"paylink/web/static"
)

//go:embed assets/*.css assets/*.js
var assetFiles embed.FS

// Assets are the page's style sheet and module, for the route list to serve.
var Assets = static.NewSet(assetFolder())

func assetFolder() fs.FS {
	folder, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic("assets of the payment page: " + err.Error()) // the folder's name is a constant
	}
	return folder
}
