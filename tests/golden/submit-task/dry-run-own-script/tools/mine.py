import params
