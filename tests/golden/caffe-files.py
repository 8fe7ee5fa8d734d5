"""caffe-files.py FOLDER -- writes small Caffe models, encoded by the real Protocol Buffers; numbers are from
formula.py.

The messages have the fields of caffe.proto. The files are committed: tests/golden/caffe-files. Needs protobuf and
numpy.
"""
import os
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

import formula

FIELD = descriptor_pb2.FieldDescriptorProto


def messages(packed):
    """Class NetParameter of caffe.proto, with the fields that weights need. @packed: repeated numbers are packed."""
    file = descriptor_pb2.FileDescriptorProto(name=f'caffe{packed}.proto', package=f'caffe{packed}', syntax='proto2')

    def message(name, *fields):
        made = file.message_type.add(name=name)
        for field, number, kind, label in fields:
            one = made.field.add(name=field, number=number, label=label)
            if isinstance(kind, str):
                one.type, one.type_name = FIELD.TYPE_MESSAGE, f'.caffe{packed}.{kind}'
            else:
                one.type = kind
                if label == FIELD.LABEL_REPEATED and kind in (FIELD.TYPE_FLOAT, FIELD.TYPE_INT64):
                    one.options.packed = packed

    one, many = FIELD.LABEL_OPTIONAL, FIELD.LABEL_REPEATED
    message('BlobShape', ('dim', 1, FIELD.TYPE_INT64, many))
    message('BlobProto', *((name, i + 1, FIELD.TYPE_INT32, one) for i, name in enumerate(('num', 'channels', 'height', 'width'))),
            ('data', 5, FIELD.TYPE_FLOAT, many), ('diff', 6, FIELD.TYPE_FLOAT, many), ('shape', 7, 'BlobShape', one))
    message('LayerParameter', ('name', 1, FIELD.TYPE_STRING, one), ('type', 2, FIELD.TYPE_STRING, one),
            ('bottom', 3, FIELD.TYPE_STRING, many), ('blobs', 7, 'BlobProto', many), ('phase', 10, FIELD.TYPE_INT32, one))
    message('V1LayerParameter', ('bottom', 2, FIELD.TYPE_STRING, many), ('name', 4, FIELD.TYPE_STRING, one),
            ('type', 5, FIELD.TYPE_INT32, one), ('blobs', 6, 'BlobProto', many), ('blobs_lr', 7, FIELD.TYPE_FLOAT, many))
    message('NetParameter', ('name', 1, FIELD.TYPE_STRING, one), ('layers', 2, 'V1LayerParameter', many),
            ('input', 3, FIELD.TYPE_STRING, many), ('input_dim', 4, FIELD.TYPE_INT32, many),
            ('layer', 100, 'LayerParameter', many))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f'caffe{packed}.NetParameter'))


LAYERS = [('conv1_1', 'Convolution', 4, (4, 3, 3, 3)), ('relu1_1', 'ReLU', 18, None),
          ('fire2/squeeze1x1', 'Convolution', 4, (2, 4, 1, 1)), ('fc6', 'InnerProduct', 14, (2, 3))]


def fill(blob, name, shape, old):
    count = 1
    for size in shape:
        count *= size
    blob.data.extend(formula.numbers(name, count))
    if old:
        blob.num, blob.channels, blob.height, blob.width = (1,) * (4 - len(shape)) + shape
    else:
        blob.shape.dim.extend(shape)


def net(old, packed):
    made = messages(packed)(name='small')
    made.input.append('data')
    made.input_dim.extend((1, 3, 8, 8))
    for name, kind, number, shape in LAYERS:
        layer = made.layers.add() if old else made.layer.add()
        layer.name = name
        layer.type = number if old else kind
        layer.bottom.append('data')
        if shape:
            stem = name.replace('/', '.')
            fill(layer.blobs.add(), stem + '.weight', shape, old)
            fill(layer.blobs.add(), stem + '.bias', shape[:1], old)
    return made.SerializeToString()


def main(folder):
    for name, old, packed in ('v1', True, True), ('v2', False, True), ('unpacked', False, False):
        with open(os.path.join(folder, name + '.caffemodel'), 'wb') as file:
            file.write(net(old, packed))


if __name__ == '__main__':
    main(sys.argv[1])
