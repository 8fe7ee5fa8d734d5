/* onednn2.c -- oneDNN 2.6: layouts are structs, kernels are made from op descriptors. */
#include "onednn-internal.h"

RvMd
rv__md_new (int n, const gint64 *dims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
  dnnl_dims_t sizes = { 0 };
  RvMd md = g_new0 (dnnl_memory_desc_t, 1);
  for (int i = 0; i < n; i++)
    sizes[i] = dims[i];
  if (dnnl_memory_desc_init_by_tag (md, n, sizes, type, tag) != dnnl_success)
    g_clear_pointer (&md, g_free);
  return md;
}

RvMd
rv__md_new_strip (RvMd planes, gint64 rows)
{
  dnnl_dims_t sizes, from = { 0 };
  RvMd md = g_new0 (dnnl_memory_desc_t, 1);
  for (int i = 0; i < planes->ndims; i++)
    sizes[i] = i == 2 ? rows : planes->dims[i];
  if (dnnl_memory_desc_init_submemory (md, planes, sizes, from) != dnnl_success)
    g_clear_pointer (&md, g_free);
  return md;
}

RvMd
rv__md_from_desc (dnnl_primitive_desc_t desc, dnnl_query_t what)
{
  const dnnl_memory_desc_t *md = dnnl_primitive_desc_query_md (desc, what, 0);
  return md ? g_memdup2 (md, sizeof *md) : NULL;
}

void
rv__md_free (RvMd md)
{
  g_free (md);
}

dnnl_status_t
rv__desc_new_forward (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, dnnl_prop_kind_t kind, const RvConvMds *mds,
                      dnnl_primitive_attr_t attr)
{
  dnnl_convolution_desc_t op;
  dnnl_status_t status =
    dnnl_dilated_convolution_forward_desc_init (&op, kind, mds->algorithm, mds->src, mds->weights, mds->bias, mds->dst,
                                                mds->stride, mds->dilation, mds->pad_before, mds->pad_after);
  return status == dnnl_success ? dnnl_primitive_desc_create (desc, &op, attr, engine, NULL) : status;
}

dnnl_status_t
rv__desc_new_backward_data (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, const RvConvMds *mds,
                            dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr)
{
  dnnl_convolution_desc_t op;
  dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init (
    &op, mds->algorithm, mds->src, mds->weights, mds->dst, mds->stride, mds->dilation, mds->pad_before, mds->pad_after);
  return status == dnnl_success ? dnnl_primitive_desc_create (desc, &op, attr, engine, hint) : status;
}

dnnl_status_t
rv__desc_new_backward_weights (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, const RvConvMds *mds,
                               dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr)
{
  dnnl_convolution_desc_t op;
  dnnl_status_t status =
    dnnl_dilated_convolution_backward_weights_desc_init (&op, mds->algorithm, mds->src, mds->weights, NULL, mds->dst,
                                                         mds->stride, mds->dilation, mds->pad_before, mds->pad_after);
  return status == dnnl_success ? dnnl_primitive_desc_create (desc, &op, attr, engine, hint) : status;
}

dnnl_status_t
rv__post_ops_append_sum (dnnl_post_ops_t ops)
{
  return dnnl_post_ops_append_sum (ops, 1);
}
