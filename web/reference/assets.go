package reference

import (
	"embed"
	"io/fs"

	"paylink/web/static"
)

//go:embed assets/*.css assets/*.js assets/*.svg
var assetFiles embed.FS

// Assets are the reference's style sheet, module and icon, for the route list to serve.
var Assets = static.NewSet(assetFolder())

func assetFolder() fs.FS {
	folder, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic("assets of the reference: " + err.Error()) // the folder's name is a constant
	}
	return folder
}
