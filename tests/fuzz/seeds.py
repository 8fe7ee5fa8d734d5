"""seeds.py FOLDER -- writes small seed files for the fuzz targets: FOLDER/TARGET/NAME. Some once broke a reader.

The files are committed in tests/fuzz/seeds. Seeds of PyTorch files are the golden files in tests/golden/pytorch-files.
Files with hexadecimal names are made by libFuzzer, with -merge=1 -set_cover_merge=1 -use_counters=0: each reaches code
that the other files do not reach.
"""
import os
import struct
import sys


def safetensors(header, data=b''):
    return struct.pack('<Q', len(header)) + header.encode() + data


TENSOR = '{"dtype":"F32","shape":[%s],"data_offsets":[%d,%d]}'

SEEDS = {
    # a layer "a" with an empty blob, of shape [0] and [2, 0]; a layer "a" with numbers in two packed fields
    'caffe/empty': bytes([10, 3]) + b'net' + bytes([0xa2, 6, 9, 10, 1]) + b'a' + bytes([0x3a, 4, 0x3a, 2, 8, 0]),
    'caffe/empty-matrix': bytes([10, 3]) + b'net' + bytes([0xa2, 6, 11, 10, 1]) + b'a' +
                          bytes([0x3a, 6, 0x3a, 4, 8, 2, 8, 0]),
    'caffe/pieces': bytes([10, 3]) + b'net' + bytes([0xa2, 6, 21, 10, 1]) + b'a' +
                    bytes([0x3a, 16, 0x3a, 2, 8, 2, 0x2a, 4, 0, 0, 0x80, 0x3f, 0x2a, 4, 0, 0, 0, 0x40]),
    # a tensor not aligned to 4 bytes; an empty tensor; deep JSON that only lenient parsers accept, in two ways
    'safetensors/odd': safetensors('{"a":' + TENSOR % ('2', 0, 8) + '} ', struct.pack('<2f', 1, 2)),
    'safetensors/empty': safetensors('{"a":' + TENSOR % ('0,3', 0, 0) + '}'),
    'safetensors/comment': safetensors('{/*"*/"a":' + '[' * 70 + ']' * 70 + '}'),
    'safetensors/quotes': safetensors('{\'"\':1,"a":' + '[' * 70 + ']' * 70 + '}'),
    # JSON: every type of value; a comment; nesting up to the limit and beyond; a repeated key; escape sequences
    'json/all': b'{"a":[0,-1.5e+3,true,null,"\\u00e9\\ud83d\\ude00\\n"],"b":{"":{}}}',
    'json/comment': b'{/*"*/"a":1}',
    'json/deep': b'{"a":' + b'[' * 63 + b']' * 63 + b'}',
    'json/deeper': b'{"a":' + b'[' * 70 + b']' * 70 + b'}',
    'json/twice': b'{"a":1,"\\u0061":2}',
    'json/escape': b'{"\x1b]0;a\x07":"\xc2\x9b31m\xff"}',
    'kernels/two': b'forward 3x64 = winograd\nbackward 64x64 3x3 = direct\n = \nx =  = y\n',
    'state/texts': b'64 1 0\n0 0 0\n64 0 1\n\x0012\0a = b\n\0a = c\n',
    # recipes: without inputs; with a path as a setting; with a path as an input; of a sheet
    'recipe/style': b'{"command":"style","inputs":[],"width":64,"height":48,"network":{"name":"builtin"},'
                    b'"settings":{"strength":"50","init":"content"},"kernels":["a = b"]}',
    'recipe/init': b'{"command":"style","inputs":[],"settings":{"init":"/etc/passwd"}}',
    'recipe/dream': b'{"command":"dream","inputs":[{"role":"picture","file":"../a.png","sha256":"0"}],'
                    b'"settings":{"layers":"conv3_1:1","atlas":"conv3_1"}}',
    'recipe/explore': b'{"command":"explore style","inputs":[],"settings":{"across":"strength=1,2"}}',
    'settings/two': b'{"size":48,"strength":70.5,"force":true,"style-layers":"conv1_1","optimizer":"adam"}',
    'settings/wrong': b'{"size":1e300,"strength":null,"no-such":[1]}',
    # requests to the studio: jobs of all kinds, with a token or a cookie; at the end one of another site, with file names
    'studio/job': b'POST /api/v1/jobs\nHost: 127.0.0.1:8642\nAuthorization: Bearer 0123456789abcdef0123456789abcdef\n'
                  b'X-Reverie: 1\nContent-Type: application/json\nContent-Length: 9\n\n'
                  b'{"kind":"style","inputs":{"content":[]},"settings":{"strength":70,"steer":"2:strength=80"}}',
    'studio/sheet': b'GET /api/v1/pictures/0123456789abcdef0123456789abcdef/file\nHost: localhost:8642\n'
                    b'Cookie: a=b; reverie-8642=0123456789abcdef0123456789abcdef\n\n'
                    b'{"kind":"explore-dream","settings":{"across":"look=eyes,things","down":"octaves=1,2","cell":64}}',
    'studio/film': b'POST /api/v1/videos\nHost: 127.0.0.1:8642\nCookie: reverie-8642=0123456789abcdef0123456789abcdef\n'
                   b'X-Reverie: 1\nContent-Type: application/octet-stream\nContent-Length: 1000\n\n'
                   b'{"kind": "style-video", "inputs": {"content": "0123456789abcdef0123456789abcdef", "painter": '
                   b'["0123456789abcdef0123456789abcdef"]}, "settings": {"learned": "0123456789abcdef0123456789abcdef:waves", "every": 2}}',
    'studio/set': b'POST /api/v1/sets/0123456789abcdef0123456789abcdef/pictures\nHost: [::1]:8642\n\n'
                  b'{"kind": "learn", "inputs": {"style": ["x"], "photo": ["../given"]}, "settings": {"as-one": true, "name": "x"}}',
    'studio/vae': b'POST /api/v1/pictures/0123456789abcdef0123456789abcdef/latent?x=1&y=2\nHost: localhost:8642\n\n'
                  b'{"kind": "vae-train", "inputs": {"data": "0123456789abcdef0123456789abcdef"}, "settings": {"save-every": 2, "log": "x"}}',
    'studio/steer': b'POST /api/v1/jobs/0123456789abcdef0123456789abcdef/steer\nHost: 127.0.0.1:8642\nX-Reverie: 1\n'
                    b'Authorization: Bearer 0123456789abcdef0123456789abcdef\nContent-Type: application/json\n\n'
                    b'{"option":"strength","value":80.5,"mask":["0123456789abcdef0123456789abcdef"],"protect":[]}',
    'studio/cell': b'POST /api/v1/jobs?cell=3c\nHost: localhost:8642\nX-Reverie: 1\nContent-Type: application/json\n'
                   b'Cookie: reverie-8642=0123456789abcdef0123456789abcdef\nTransfer-Encoding: chunked\n\n'
                   b'{"kind":"explore-style","cell":"3c","inputs":{},"settings":{"exact":true,"tv-weight":1e-3,"seed":null}}',
    'studio/wrong': b'POST /api/v1/jobs/../x\nHost: 127.0.0.1.evil.com:8642\nHost: [::1]:8642\nOrigin: null\n\n'
                    b'{"kind":"dream","inputs":{"picture":"/etc/passwd"},"settings":{"output":"x.png","toward":"a:1:b.png"}}',
    # an IDX header that states more numbers than the file contains
    'idx/promise': bytes([0, 0, 8, 3, 0, 255, 0, 3, 0, 0, 0, 2, 0, 0, 0, 4, 1, 2, 3, 4]),
}


def main(folder):
    for name, content in SEEDS.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(content)


if __name__ == '__main__':
    main(sys.argv[1])
