"""gdb-reverie.py -- pretty-printers for GDB: `source tools/gdb-reverie.py`, then `print *tensor`.

Reads memory only and calls no function, so that it works on core dumps, too.
"""
import struct

import gdb
import gdb.printing

MAX_NUMBERS = 8  # shown of a tensor

# Format for the module struct, and bytes of an element.
FORMATS = {'RV_F32': ('f', 4), 'RV_F64': ('d', 8), 'RV_F16': ('e', 2), 'RV_BF16': ('H', 2), 'RV_I8': ('b', 1), 'RV_U8': ('B', 1)}


def shape_text(shape):
    return '[' + ', '.join(str(int(shape['dim'][i])) for i in range(int(shape['n']))) + ']'


def type_text(rv_type):
    return str(rv_type)[len('RV_'):].lower()


def items(array, type_name):
    """The elements of a GArray."""
    data = array['data'].cast(gdb.lookup_type(type_name).pointer())
    return [data[i] for i in range(int(array['len']))]


class Shape:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return shape_text(self.value)


class Tensor:
    def __init__(self, value):
        self.value = value

    def numbers(self):
        code, size = FORMATS[str(self.value['type'])]
        count = 1
        for i in range(int(self.value['shape']['n'])):
            count *= int(self.value['shape']['dim'][i])
        n = min(count, MAX_NUMBERS)
        memory = gdb.selected_inferior().read_memory(int(self.value['data']), n * size) if n > 0 else b''
        numbers = struct.unpack('%d%s' % (n, code), memory)
        if str(self.value['type']) == 'RV_BF16':
            numbers = [struct.unpack('f', struct.pack('I', number << 16))[0] for number in numbers]
        return ['%g' % number for number in numbers] + (['...'] if n < count else [])

    def to_string(self):
        text = type_text(self.value['type']) + ' ' + shape_text(self.value['shape'])
        if int(self.value['data']) == 0:
            return text + ', in a file' if int(self.value['file']) else text + ', no data'
        try:
            return text + ' {' + ', '.join(self.numbers()) + '}'
        except gdb.MemoryError:
            return text + ', data cannot be read'


class Program:
    """One line for each op call: its number, outputs with their shapes, op and inputs."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        values = items(self.value['values'], 'RvValue')
        calls = items(self.value['calls'], 'RvOpCall')
        lines = ['program, %s, %d values, %d calls, %d forward' % (
            type_text(self.value['type']), len(values), len(calls), int(self.value['n_forward']))]
        if int(self.value['error']):
            lines.append('  error: ' + Error(self.value['error'].dereference()).to_string())
        for i, call in enumerate(calls):
            outputs = [int(call['out'][k]) for k in range(int(call['n_out']))]
            inputs = [int(call['in'][k]) for k in range(int(call['n_in']))]
            lines.append('  %d: %s = %s (%s)' % (
                i, ', '.join('%d %s' % (k, shape_text(values[k]['shape'])) for k in outputs),
                str(call['kind']), ', '.join(map(str, inputs))))
        return '\n'.join(lines)


class Error:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return 'domain %d, code %d: %s' % (
            int(self.value['domain']), int(self.value['code']), self.value['message'].string(errors='replace'))


class Printers(gdb.printing.PrettyPrinter):
    """Finds a printer by the name of the type, or of the struct behind a typedef."""

    printers = {'RvShape': Shape, 'RvTensor': Tensor, 'RvProgram': Program, '_RvProgram': Program, 'GError': Error, '_GError': Error}

    def __call__(self, value):
        names = (value.type.unqualified().name, value.type.strip_typedefs().unqualified().tag)
        return next((self.printers[name](value) for name in names if name in self.printers), None)


gdb.printing.register_pretty_printer(None, Printers('reverie'), replace=True)
