#!/usr/bin/env python3
"""How long libzstd alone takes for the blocks of a root filesystem: what no writer of squashfs can go below.

    benchmarks/zstd-own-time.py ROOTFS.tar LEVEL BLOCK-BYTES THREADS      prints wall seconds, CPU seconds, compressed bytes

All content is read before the clock starts. Files are cut into blocks, smaller ones are put together, equal ones count once.
"""
import ctypes, hashlib, resource, sys, tarfile, threading, time

tar, level, block, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZSTD_createCCtx.restype = ctypes.c_void_p
zstd.ZSTD_compressCCtx.restype = ctypes.c_size_t
zstd.ZSTD_compressCCtx.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]

blocks, small, seen = [], b"", set()
with tarfile.open(tar) as archive:
    for member in archive:
        if not member.isreg() or member.size == 0:
            continue
        content = archive.extractfile(member).read()
        digest = hashlib.sha256(content).digest()
        if digest in seen:
            continue
        seen.add(digest)
        if len(content) >= block:
            blocks += [content[at:at + block] for at in range(0, len(content), block)]
            continue
        if len(small) + len(content) > block:
            blocks.append(small)
            small = b""
        small += content
blocks.append(small)

sizes = [0] * threads
lock, place = threading.Lock(), iter(range(len(blocks)))

def work(number):
    context, room = zstd.ZSTD_createCCtx(), block + block // 128 + 1024
    buffer = ctypes.create_string_buffer(room)
    while True:
        with lock:
            at = next(place, None)
        if at is None:
            return
        plain = blocks[at]
        sizes[number] += min(len(plain), zstd.ZSTD_compressCCtx(context, buffer, room, plain, len(plain), level))

cpu, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
for worker in workers: worker.start()
for worker in workers: worker.join()
wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
print(f"{wall:.2f} {after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime:.2f} {sum(sizes)}")
