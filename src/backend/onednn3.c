/* onednn3.c -- oneDNN 3: layouts are handles, kernels are described in one call. */
#include "onednn-internal.h"

RvMd
rv__md_new (int n, const gint64 *dims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
  dnnl_dims_t sizes = { 0 };
  RvMd md = NULL;
  for (int i = 0; i < n; i++)
    sizes[i] = dims[i];
  return dnnl_memory_desc_create_with_tag (&md, n, sizes, type, tag) == dnnl_success ? md : NULL;
}

RvMd
rv__md_new_strip (RvMd planes, gint64 rows)
{
  dnnl_dims_t *whole, sizes, from = { 0 };
  int n;
  RvMd md = NULL;
  if (dnnl_memory_desc_query (planes, dnnl_query_ndims_s32, &n) != dnnl_success ||
      dnnl_memory_desc_query (planes, dnnl_query_dims, &whole) != dnnl_success)
    return NULL;
  for (int i = 0; i < n; i++)
    sizes[i] = i == 2 ? rows : (*whole)[i];
  return dnnl_memory_desc_create_submemory (&md, planes, sizes, from) == dnnl_success ? md : NULL;
}

RvMd
rv__md_from_desc (dnnl_primitive_desc_t desc, dnnl_query_t what)
{
  const_dnnl_memory_desc_t md = dnnl_primitive_desc_query_md (desc, what, 0);
  RvMd copy = NULL;
  return md && dnnl_memory_desc_clone (&copy, md) == dnnl_success ? copy : NULL;
}

void
rv__md_free (RvMd md)
{
  if (md)
    dnnl_memory_desc_destroy (md);
}

dnnl_status_t
rv__desc_new_forward (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, dnnl_prop_kind_t kind, const RvConvMds *mds,
                      dnnl_primitive_attr_t attr)
{
  return dnnl_convolution_forward_primitive_desc_create (desc, engine, kind, mds->algorithm, mds->src, mds->weights,
                                                         mds->bias, mds->dst, mds->stride, mds->dilation,
                                                         mds->pad_before, mds->pad_after, attr);
}

dnnl_status_t
rv__desc_new_backward_data (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, const RvConvMds *mds,
                            dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr)
{
  return dnnl_convolution_backward_data_primitive_desc_create (desc, engine, mds->algorithm, mds->src, mds->weights,
                                                               mds->dst, mds->stride, mds->dilation, mds->pad_before,
                                                               mds->pad_after, hint, attr);
}

dnnl_status_t
rv__desc_new_backward_weights (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, const RvConvMds *mds,
                               dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr)
{
  return dnnl_convolution_backward_weights_primitive_desc_create (desc, engine, mds->algorithm, mds->src, mds->weights,
                                                                  NULL, mds->dst, mds->stride, mds->dilation,
                                                                  mds->pad_before, mds->pad_after, hint, attr);
}

dnnl_status_t
rv__post_ops_append_sum (dnnl_post_ops_t ops)
{
  return dnnl_post_ops_append_sum (ops, 1, 0, dnnl_data_type_undef);
}
