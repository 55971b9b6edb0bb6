// A task's own script that needs no Blender: Python's standard library draws the strip that it is asked for.
#pragma once

namespace gt::testing {

inline constexpr const char* k_draw_strip = R"(
import params, struct, zlib
width, (first, end) = params.resolution[0], params.rows
def chunk(name, data):
    return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
rows = b''.join(b'\0' + bytes([y % 256, 7, 9]) * width for y in range(first, end))
open('/golem/output/strip0001.png', 'wb').write(
    b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, end - first, 8, 2, 0, 0, 0)) +
    chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
)";

}  // namespace gt::testing
