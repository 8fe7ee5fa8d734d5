#!/usr/bin/env python3
"""vae-torch.py > vae-torch.txt -- two small VAEs, without and with labels, trained for 21 steps, by PyTorch in f64.

Written from the description. Data are 20 pictures of noise of formula.py, 12 x 8 px (rows x columns). Weights are 0.6,
biases 0.1 times formula numbers of their names. The order of the pictures and the random numbers are Philox4x32-10
(Salmon, Moraes, Dror, Shaw 2011), as in src/base/random.c.
  conv: width 4, depth 2, dense 10, latent 3; Bernoulli; beta 1 after a warm-up of 2 epochs
  mlp:  width 16, depth 1, latent 4; Gaussian with a learned sigma, from log sigma = 0; beta 0.5
  conv-labels, mlp-labels, mlp-iwae-labels: picture i has label i % 3, one-hot, appended to the input of a dense layer of encoder and
        decoder; in training, a label is left out with probability 0.1
  conv-iwae, mlp-iwae-labels: beta 1, no warm-up; the importance-weighted bound of 5 and 3 samples (Burda, Grosse,
        Salakhutdinov 2016). Its RECONSTRUCTION is the mean with the normalised importance weights, KL the rest of the loss
Batches of 8, 8 and 4 pictures; Adam, rate 0.02. Lines: NAME EPOCH BATCH RECONSTRUCTION KL are means of the epoch so
far, in nats. NAME elbo VALUE is the ELBO of the last epoch's model on the same pictures, with other random numbers.
Needs torch.
"""
import math

import numpy as np
import torch
from torch.nn import functional as F

import formula

N, ROWS, COLS, BATCH, EPOCHS, SEED = 20, 12, 8, 8, 7, 5
EPS, SHUFFLE, LABEL = 11, 12, 15  # streams of random numbers
N_LABELS, UNLABELLED = 3, 0.1


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


def one_hot(pictures, first=None):
    """One-hot labels. @first: index of the first random number that decides which labels are left out; None: none."""
    y = F.one_hot(torch.tensor(pictures) % N_LABELS, N_LABELS).double()
    for i in range(len(pictures)):
        if first is not None and uniform(LABEL, first + i) < UNLABELLED:
            y[i] = 0
    return y


PIXELS = np.stack([formula.noise(f'vae/{i}', 4, ROWS, COLS) for i in range(N)])
X = torch.tensor(PIXELS.astype(np.float32) / np.float32(255)).double().view(N, 1, ROWS, COLS)


def parameter(name, *shape):
    values = formula.numbers(name, math.prod(shape)).astype(np.float32) * np.float32(0.1 if name.endswith('bias') else 0.6)
    return torch.tensor(values.astype(np.float64)).view(shape).requires_grad_()


def layer(into, name, *shape, out):
    into[name + '.weight'], into[name + '.bias'] = parameter(name + '.weight', *shape), parameter(name + '.bias', out)


def labelled_dense(p, x, y, name, label):
    weight = p[name + '.weight']
    if label in p:
        x, weight = torch.cat([x, y], 1), torch.cat([weight, p[label]], 1)
    return F.linear(x, weight, p[name + '.bias'])


def conv_model(with_labels):
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
    if with_labels:
        p['encoder.label.weight'] = parameter('encoder.label.weight', 10, N_LABELS)
        p['decoder.label.weight'] = parameter('decoder.label.weight', 48, N_LABELS)

    def dense(x, name):
        return F.linear(x, p[name + '.weight'], p[name + '.bias'])

    def conv(x, name):
        return F.relu(F.conv2d(F.pad(x, (0, 1, 0, 1)), p[name + '.weight'], p[name + '.bias'], 2))

    def transposed(x, name):  # padding 0, cropped
        y = F.conv_transpose2d(x, p[name + '.weight'], p[name + '.bias'], 2)
        return F.relu(y[:, :, :2 * x.shape[2], :2 * x.shape[3]])

    def encode(x, y):
        x = conv(conv(x, 'encoder.conv0'), 'encoder.conv1').flatten(1)
        x = F.relu(labelled_dense(p, x, y, 'encoder.dense', 'encoder.label.weight'))
        return dense(x, 'encoder.mu'), dense(x, 'encoder.logvar')

    def decode(z, y):
        x = F.relu(labelled_dense(p, z, y, 'decoder.dense', 'decoder.label.weight')).view(-1, 8, 3, 2)
        x = transposed(transposed(x, 'decoder.conv1'), 'decoder.conv0')
        return F.conv_transpose2d(x, p['decoder.logits.weight'], p['decoder.logits.bias'], 1, 1)

    def nats(logits, x):
        return F.binary_cross_entropy_with_logits(logits, x, reduction='none').flatten(1).sum(1)
    return p, encode, decode, nats, 3, lambda epochs: min(epochs / 2, 1)


def mlp_model(with_labels):
    p = {}
    layer(p, 'encoder.dense0', 16, 96, out=16)
    layer(p, 'encoder.mu', 4, 16, out=4)
    layer(p, 'encoder.logvar', 4, 16, out=4)
    layer(p, 'decoder.dense0', 16, 4, out=16)
    layer(p, 'decoder.logits', 96, 16, out=96)
    if with_labels:
        p['encoder.label.weight'] = parameter('encoder.label.weight', 16, N_LABELS)
        p['decoder.label.weight'] = parameter('decoder.label.weight', 16, N_LABELS)
    p['pixels.log_sigma'] = torch.zeros(1, dtype=torch.float64, requires_grad=True)

    def dense(x, name):
        return F.linear(x, p[name + '.weight'], p[name + '.bias'])

    def encode(x, y):
        x = F.relu(labelled_dense(p, x.flatten(1), y, 'encoder.dense0', 'encoder.label.weight'))
        return dense(x, 'encoder.mu'), dense(x, 'encoder.logvar')

    def decode(z, y):
        z = F.relu(labelled_dense(p, z, y, 'decoder.dense0', 'decoder.label.weight'))
        return dense(z, 'decoder.logits').view(-1, 1, ROWS, COLS)

    def nats(logits, x):
        return -torch.distributions.Normal(torch.sigmoid(logits), p['pixels.log_sigma'].exp()).log_prob(x).flatten(1).sum(1)
    return p, encode, decode, nats, 4, lambda epochs: 0.5


def parts(model, x, y, eps):
    _, encode, decode, nats, _, _ = model
    mu, logvar = encode(x, y)
    kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1)
    return nats(decode(mu + torch.exp(0.5 * logvar) * eps, y), x).sum(), kl.sum()


def bound_parts(model, x, y, eps):
    """Sums over the batch of the importance-weighted loss's two parts. @eps: [N, K, latent]."""
    _, encode, decode, nats, _, _ = model
    n, k, latent = eps.shape
    mu, logvar = encode(x, y)
    q = torch.distributions.Normal(mu[:, None], torch.exp(0.5 * logvar)[:, None])
    z = mu[:, None] + torch.exp(0.5 * logvar)[:, None] * eps
    errors = nats(decode(z.flatten(0, 1), y.repeat_interleave(k, 0)), x.repeat_interleave(k, 0)).view(n, k)
    log_p = torch.distributions.Normal(0., 1.).log_prob(z).sum(2)
    log_weights = log_p - q.log_prob(z).sum(2) - errors
    loss = -(torch.logsumexp(log_weights, 1) - math.log(k))
    reconstruction = (torch.softmax(log_weights, 1).detach() * errors).sum(1)
    return reconstruction.sum(), (loss - reconstruction).sum()


for name, model, samples in (('conv', conv_model(False), 0), ('mlp', mlp_model(False), 0),
                             ('conv-labels', conv_model(True), 0), ('mlp-labels', mlp_model(True), 0),
                             ('conv-iwae', conv_model(False), 5), ('mlp-iwae-labels', mlp_model(True), 3)):
    p, latent, beta = model[0], model[4], (lambda epochs: 1) if samples else model[5]
    optimizer = torch.optim.Adam(p.values(), lr=0.02)
    n_batches = -(-N // BATCH)
    for epoch in range(EPOCHS):
        order, seen, sums = shuffled(epoch), 0, [0, 0]
        for batch in range(n_batches):
            first = batch * BATCH
            x = X[order[first:first + BATCH]]
            y = one_hot(order[first:first + BATCH], (epoch << 36) + first)
            if samples:
                eps = normals((epoch << 36) + first * samples * latent, len(x) * samples, latent).view(-1, samples, latent)
                reconstruction, kl = bound_parts(model, x, y, eps)
            else:
                reconstruction, kl = parts(model, x, y, normals((epoch << 36) + first * latent, len(x), latent))
            optimizer.zero_grad()
            ((reconstruction + beta(epoch + batch / n_batches) * kl) / len(x)).backward()
            optimizer.step()
            seen += len(x)
            sums = [sums[0] + reconstruction.item(), sums[1] + kl.item()]
            print(name, epoch + 1, batch + 1, f'{sums[0] / seen:.9g} {sums[1] / seen:.9g}')
    with torch.no_grad():
        print(name, 'elbo', f'{-sum(v.item() for v in parts(model, X, one_hot(list(range(N))), normals(0, N, latent))) / N:.9g}')
