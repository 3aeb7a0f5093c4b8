/** How values that several have become one, number by number: their mean, or the largest (NaN where one is NaN). */
export type Reduction = 'mean' | 'max'
