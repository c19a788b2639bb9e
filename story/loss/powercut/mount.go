package powercut

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// Mount shows the disk under a folder, until the function that it returns is called. It needs
// /dev/fuse and the right to mount.
func (d *Disk) Mount(folder string) (unmount func() error, err error) {
	none := time.Duration(0) // the kernel remembers nothing that a cut could make wrong
	server, err := fs.Mount(folder, &inode{disk: d, node: d.root}, &fs.Options{
		EntryTimeout: &none, AttrTimeout: &none, NegativeTimeout: &none,
		MountOptions: fuse.MountOptions{DirectMountStrict: true, FsName: "powercut", Name: "powercut", DisableXAttrs: true, MaxWrite: 1 << 20},
	})
	if err != nil {
		return nil, fmt.Errorf("mount a FUSE file system (this needs /dev/fuse and the rights of root): %w", err)
	}
	return func() error {
		err := server.Unmount()
		if err != nil { // somebody still has a file open
			err = syscall.Unmount(folder, syscall.MNT_DETACH)
		}
		return err
	}, nil
}

// inode is how the kernel sees a node.
type inode struct {
	fs.Inode
	disk *Disk
	node *node
}

var _ = []any{
	fs.NodeLookuper(&inode{}), fs.NodeCreater(&inode{}), fs.NodeMkdirer(&inode{}), fs.NodeLinker(&inode{}),
	fs.NodeUnlinker(&inode{}), fs.NodeRmdirer(&inode{}), fs.NodeRenamer(&inode{}), fs.NodeReaddirer(&inode{}),
	fs.NodeOpener(&inode{}), fs.NodeReader(&inode{}), fs.NodeWriter(&inode{}), fs.NodeFsyncer(&inode{}),
	fs.NodeGetattrer(&inode{}), fs.NodeSetattrer(&inode{}), fs.NodeStatfser(&inode{}),
}

// enter begins a call. The disk is locked until leave is called; a frozen disk lets nobody in.
func (i *inode) enter() syscall.Errno {
	i.disk.mu.Lock()
	if i.disk.frozen {
		i.disk.mu.Unlock()
		return syscall.EIO
	}
	return 0
}

func (i *inode) leave() { i.disk.mu.Unlock() }

// show gives the kernel's inode of a node that is under this one.
func (i *inode) show(ctx context.Context, n *node, out *fuse.EntryOut) *fs.Inode {
	n.describe(&out.Attr)
	return i.NewInode(ctx, &inode{disk: i.disk, node: n}, fs.StableAttr{Mode: n.kind(), Ino: n.number})
}

func (n *node) kind() uint32 {
	if n.folder {
		return syscall.S_IFDIR
	}
	return syscall.S_IFREG
}

func (n *node) describe(a *fuse.Attr) {
	a.Ino, a.Mode, a.Nlink, a.Blksize = n.number, n.kind()|n.mode, 1, pageSize
	a.Size = uint64(len(n.live))
	a.Blocks = (a.Size + sectorSize - 1) / sectorSize
}

func (i *inode) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	if errno := i.enter(); errno != 0 {
		return errno
	}
	defer i.leave()
	i.node.describe(&out.Attr)
	return 0
}

func (i *inode) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if errno := i.enter(); errno != 0 {
		return errno
	}
	defer i.leave()
	if mode, ok := in.GetMode(); ok {
		i.node.mode = mode & 0o7777
	}
	if size, ok := in.GetSize(); ok {
		i.node.resize(int64(size))
	}
	i.node.describe(&out.Attr)
	return 0
}

func (i *inode) Statfs(_ context.Context, out *fuse.StatfsOut) syscall.Errno {
	const blocks = 1 << 20
	out.Bsize, out.Frsize, out.NameLen = pageSize, pageSize, 255
	out.Blocks, out.Bfree, out.Bavail, out.Files, out.Ffree = blocks, blocks, blocks, blocks, blocks
	return 0
}

func (i *inode) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, 0, 0 // and what the kernel remembered of the file is forgotten
}

func (i *inode) Read(_ context.Context, _ fs.FileHandle, into []byte, at int64) (fuse.ReadResult, syscall.Errno) {
	if errno := i.enter(); errno != 0 {
		return nil, errno
	}
	defer i.leave()
	n := 0
	if at < int64(len(i.node.live)) {
		n = copy(into, i.node.live[at:])
	}
	return fuse.ReadResultData(into[:n]), 0
}

func (i *inode) Write(_ context.Context, _ fs.FileHandle, data []byte, at int64) (uint32, syscall.Errno) {
	if errno := i.enter(); errno != 0 {
		return 0, errno
	}
	defer i.leave()
	i.node.write(data, at)
	return uint32(len(data)), 0
}

func (i *inode) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	if errno := i.enter(); errno != 0 {
		return errno
	}
	defer i.leave()
	i.node.sync(i.disk.failing)
	if i.disk.failing {
		return syscall.EIO
	}
	return 0
}
