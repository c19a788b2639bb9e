package powercut

import (
	"context"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

func (i *inode) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if errno := i.enter(); errno != 0 {
		return nil, errno
	}
	defer i.leave()
	n := i.node.names[name]
	if n == nil {
		return nil, syscall.ENOENT
	}
	return i.show(ctx, n, out), 0
}

// name puts a node under a name that is free.
func (i *inode) name(ctx context.Context, name string, out *fuse.EntryOut, make func() *node) (*fs.Inode, syscall.Errno) {
	if errno := i.enter(); errno != 0 {
		return nil, errno
	}
	defer i.leave()
	if i.node.names[name] != nil {
		return nil, syscall.EEXIST
	}
	n := make()
	i.node.names[name] = n
	i.node.renamed()
	return i.show(ctx, n, out), 0
}

func (i *inode) Create(ctx context.Context, name string, _, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	made, errno := i.name(ctx, name, out, func() *node { return i.disk.add(false, mode&0o7777) })
	return made, nil, 0, errno
}

func (i *inode) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return i.name(ctx, name, out, func() *node { return i.disk.add(true, mode&0o7777) })
}

func (i *inode) Link(ctx context.Context, target fs.InodeEmbedder, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return i.name(ctx, name, out, func() *node { return target.(*inode).node })
}

// drop takes a name away.
func (i *inode) drop(name string, may func(*node) syscall.Errno) syscall.Errno {
	if errno := i.enter(); errno != 0 {
		return errno
	}
	defer i.leave()
	n := i.node.names[name]
	if n == nil {
		return syscall.ENOENT
	}
	if errno := may(n); errno != 0 {
		return errno
	}
	delete(i.node.names, name)
	i.node.renamed()
	return 0
}

func (i *inode) Unlink(_ context.Context, name string) syscall.Errno {
	return i.drop(name, func(n *node) syscall.Errno {
		if n.folder {
			return syscall.EISDIR
		}
		return 0
	})
}

func (i *inode) Rmdir(_ context.Context, name string) syscall.Errno {
	return i.drop(name, func(n *node) syscall.Errno {
		switch {
		case !n.folder:
			return syscall.ENOTDIR
		case len(n.names) > 0:
			return syscall.ENOTEMPTY
		}
		return 0
	})
}

func (i *inode) Rename(_ context.Context, name string, to fs.InodeEmbedder, as string, flags uint32) syscall.Errno {
	if flags != 0 {
		return syscall.EINVAL // nobody here exchanges files
	}
	if errno := i.enter(); errno != 0 {
		return errno
	}
	defer i.leave()
	n, target := i.node.names[name], to.(*inode).node
	if n == nil {
		return syscall.ENOENT
	}
	delete(i.node.names, name)
	target.names[as] = n
	i.node.renamed()
	if target != i.node {
		target.renamed()
	}
	return 0
}

func (i *inode) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	if errno := i.enter(); errno != 0 {
		return nil, errno
	}
	defer i.leave()
	var list []fuse.DirEntry
	for name, n := range i.node.names {
		list = append(list, fuse.DirEntry{Name: name, Ino: n.number, Mode: n.kind()})
	}
	return fs.NewListDirStream(list), 0
}
