#!/usr/bin/env python3
"""vae-torch.py > vae-torch.txt -- two small VAEs trained for 21 steps, by PyTorch in f64, written from the description.

Pictures: 20 of 12 x 8 px, noise of formula.py; weights: 0.6 * formula numbers of their names; biases 0.1 * the same. The order of the
pictures and the random numbers are Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011), as src/base/random.c has them.
  conv: width 4, depth 2, dense 10, latent 3; Bernoulli; beta 1 after a warm-up of 2 epochs
  mlp:  width 16, depth 1, latent 4; Gaussian with a learned sigma, from log sigma = 0; beta 0.5
Batches of 8, 8 and 4; Adam, rate 0.02. Lines: NAME EPOCH BATCH RECONSTRUCTION KL, means of the epoch so far, in nats;
and NAME elbo ..., the held-out figure of the last epoch's model on the same pictures with its own random numbers.
Needs torch.
"""
import math

import numpy as np
import torch
from torch.nn import functional as F

import formula

N, ROWS, COLS, BATCH, EPOCHS, SEED = 20, 12, 8, 8, 7, 5
EPS, SHUFFLE = 11, 12  # streams


def philox(seed, stream, index):
    k, c = [seed & 0xffffffff, seed >> 32], [index & 0xffffffff, index >> 32, stream, 0]
    for _ in range(10):
        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(q >> 32) ^ c[1] ^ k[0], q & 0xffffffff, (p >> 32) ^ c[3] ^ k[1], p & 0xffffffff]
        k = [(k[0] + 0x9E3779B9) & 0xffffffff, (k[1] + 0xBB67AE85) & 0xffffffff]
    return c


def unit(high, low):
    return ((high << 32 | low) >> 11) * 2.0 ** -53


def uniform(stream, index):
    c = philox(SEED, stream, index)
    return unit(c[0], c[1])


def normals(first, n, latent):
    def one(index):
        c = philox(SEED, EPS, index)
        return math.sqrt(-2 * math.log(1 - unit(c[0], c[1]))) * math.cos(2 * math.pi * unit(c[2], c[3]))
    return torch.tensor([one(first + i) for i in range(n * latent)], dtype=torch.float64).view(n, latent)


def shuffled(epoch):
    order = list(range(N))
    for i in range(N - 1, 0, -1):
        j = int(uniform(SHUFFLE, (epoch << 36) + i) * (i + 1))
        order[i], order[j] = order[j], order[i]
    return order


PIXELS = np.stack([formula.noise(f'vae/{i}', 4, ROWS, COLS) for i in range(N)])
X = torch.tensor(PIXELS.astype(np.float32) / np.float32(255)).double().view(N, 1, ROWS, COLS)


def parameter(name, *shape):
    values = formula.numbers(name, math.prod(shape)).astype(np.float32) * np.float32(0.1 if name.endswith('bias') else 0.6)
    return torch.tensor(values.astype(np.float64)).view(shape).requires_grad_()


def layer(into, name, *shape, out):
    into[name + '.weight'], into[name + '.bias'] = parameter(name + '.weight', *shape), parameter(name + '.bias', out)


def conv_model():
    p = {}
    layer(p, 'encoder.conv0', 4, 1, 3, 3, out=4)
    layer(p, 'encoder.conv1', 8, 4, 3, 3, out=8)
    layer(p, 'encoder.dense', 10, 48, out=10)
    layer(p, 'encoder.mu', 3, 10, out=3)
    layer(p, 'encoder.logvar', 3, 10, out=3)
    layer(p, 'decoder.dense', 48, 3, out=48)
    layer(p, 'decoder.conv1', 8, 8, 3, 3, out=8)
    layer(p, 'decoder.conv0', 8, 4, 3, 3, out=4)
    layer(p, 'decoder.logits', 4, 1, 3, 3, out=1)

    def dense(x, name):
        return F.linear(x, p[name + '.weight'], p[name + '.bias'])

    def conv(x, name):
        return F.relu(F.conv2d(F.pad(x, (0, 1, 0, 1)), p[name + '.weight'], p[name + '.bias'], 2))

    def transposed(x, name):  # padding 0, cropped
        y = F.conv_transpose2d(x, p[name + '.weight'], p[name + '.bias'], 2)
        return F.relu(y[:, :, :2 * x.shape[2], :2 * x.shape[3]])

    def encode(x):
        x = F.relu(dense(conv(conv(x, 'encoder.conv0'), 'encoder.conv1').flatten(1), 'encoder.dense'))
        return dense(x, 'encoder.mu'), dense(x, 'encoder.logvar')

    def decode(z):
        y = F.relu(dense(z, 'decoder.dense')).view(-1, 8, 3, 2)
        y = transposed(transposed(y, 'decoder.conv1'), 'decoder.conv0')
        return F.conv_transpose2d(y, p['decoder.logits.weight'], p['decoder.logits.bias'], 1, 1)

    def nats(logits, x):
        return F.binary_cross_entropy_with_logits(logits, x, reduction='none').flatten(1).sum(1)
    return p, encode, decode, nats, 3, lambda epochs: min(epochs / 2, 1)


def mlp_model():
    p = {}
    layer(p, 'encoder.dense0', 16, 96, out=16)
    layer(p, 'encoder.mu', 4, 16, out=4)
    layer(p, 'encoder.logvar', 4, 16, out=4)
    layer(p, 'decoder.dense0', 16, 4, out=16)
    layer(p, 'decoder.logits', 96, 16, out=96)
    p['pixels.log_sigma'] = torch.zeros(1, dtype=torch.float64, requires_grad=True)

    def dense(x, name):
        return F.linear(x, p[name + '.weight'], p[name + '.bias'])

    def encode(x):
        x = F.relu(dense(x.flatten(1), 'encoder.dense0'))
        return dense(x, 'encoder.mu'), dense(x, 'encoder.logvar')

    def decode(z):
        return dense(F.relu(dense(z, 'decoder.dense0')), 'decoder.logits').view(-1, 1, ROWS, COLS)

    def nats(logits, x):
        return -torch.distributions.Normal(torch.sigmoid(logits), p['pixels.log_sigma'].exp()).log_prob(x).flatten(1).sum(1)
    return p, encode, decode, nats, 4, lambda epochs: 0.5


def parts(model, x, eps):
    _, encode, decode, nats, _, _ = model
    mu, logvar = encode(x)
    kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1)
    return nats(decode(mu + torch.exp(0.5 * logvar) * eps), x).sum(), kl.sum()


for name, model in ('conv', conv_model()), ('mlp', mlp_model()):
    p, latent, beta = model[0], model[4], model[5]
    optimizer = torch.optim.Adam(p.values(), lr=0.02)
    n_batches = -(-N // BATCH)
    for epoch in range(EPOCHS):
        order, seen, sums = shuffled(epoch), 0, [0, 0]
        for batch in range(n_batches):
            first = batch * BATCH
            x = X[order[first:first + BATCH]]
            reconstruction, kl = parts(model, x, normals((epoch << 36) + first * latent, len(x), latent))
            optimizer.zero_grad()
            ((reconstruction + beta(epoch + batch / n_batches) * kl) / len(x)).backward()
            optimizer.step()
            seen += len(x)
            sums = [sums[0] + reconstruction.item(), sums[1] + kl.item()]
            print(name, epoch + 1, batch + 1, f'{sums[0] / seen:.9g} {sums[1] / seen:.9g}')
    with torch.no_grad():
        print(name, 'elbo', f'{-sum(v.item() for v in parts(model, X, normals(0, N, latent))) / N:.9g}')
