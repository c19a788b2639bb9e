module paylink/client

go 1.25.0
